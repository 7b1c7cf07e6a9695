using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Transparency;

public sealed class TilePathTests
{
    [Theory]
    [InlineData(0, 256, "tile/0/000")]
    [InlineData(999, 256, "tile/0/999")]
    [InlineData(1000, 256, "tile/0/x001/000")]
    [InlineData(1234067, 17, "tile/0/x001/x234/067.p/17")]
    public void Numbers_are_written_in_groups_of_three(long number, int width, string path) => Assert.Equal(path, TilePath.Hashes(0, number, width));

    [Theory]
    [InlineData(0, 272, 256)]
    [InlineData(0, 273, 112)]
    [InlineData(0, 274, 0)]
    [InlineData(1, 0, 256)]
    [InlineData(1, 1, 17)]
    [InlineData(2, 0, 1)]
    [InlineData(3, 0, 0)]
    [InlineData(63, 0, 0)]
    public void A_tree_of_70000_has_the_tiles_of_the_specification(int level, long number, int width) => Assert.Equal(width, TilePath.WidthAt(level, number, 70_000));

    [Theory]
    [InlineData("checkpoint", true)]
    [InlineData("tile/0/000", true)]
    [InlineData("tile/63/x001/x234/067.p/255", true)]
    [InlineData("tile/entries/x001/000", true)]
    [InlineData("tile/entries/000.p/1", true)]
    [InlineData("tile/64/000", false)]
    [InlineData("tile/00/000", false)]
    [InlineData("tile/0/000.p/0", false)]
    [InlineData("tile/0/000.p/256", false)]
    [InlineData("tile/0/000.p/01", false)]
    [InlineData("tile/0/000.p", false)]
    [InlineData("tile/0/x000/000", false)]
    [InlineData("tile/0/001/000", false)]
    [InlineData("tile/0/x001", false)]
    [InlineData("tile/0/0000", false)]
    [InlineData("tile/0/../000", false)]
    [InlineData("tile/0/.x.new", false)]
    [InlineData(".checkpoint.lock", false)]
    [InlineData("tile", false)]
    [InlineData("", false)]
    public void Only_paths_a_log_can_have_are_well_formed(string path, bool expected) => Assert.Equal(expected, TilePath.IsWellFormed(path));
}
