using DigitalResistance.Prober;
using DigitalResistance.Probing;

namespace DigitalResistance.Tests.Probing;

/// <summary>What a look of the vantage at itself says about others' failures.</summary>
public sealed class CheckTests
{
    [Theory]
    [InlineData(true, true, null, false)]
    [InlineData(true, true, Stage.Datagrams, false)]
    [InlineData(true, false, null, false)]
    [InlineData(true, false, Stage.Proof, false)]
    [InlineData(true, false, Stage.Datagrams, true)]
    [InlineData(false, true, null, true)]
    public void A_vantage_that_loses_its_own_datagrams_blames_nobody_for_theirs_and_everybody_for_the_rest(bool sees, bool seesDatagrams, Stage? failed, bool doubts) =>
        Assert.Equal(doubts, new Check(default, default, sees, seesDatagrams).Doubts(failed));
}
