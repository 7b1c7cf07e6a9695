using System.Xml.Linq;

namespace DigitalResistance.Tests.House;

/// <summary>A project exists only where the compiler must forbid something; this is what each one forbids.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["DigitalResistance.Transparency"] = [],
        ["DigitalResistance.NBitcoin"] = [],
        ["DigitalResistance.Prober"] = [],
        ["DigitalResistance"] = ["DigitalResistance.Prober", "DigitalResistance.Transparency", "DigitalResistance.NBitcoin"],
        ["DigitalResistance.Web"] = ["DigitalResistance"],
        ["DigitalResistance.Verify"] = ["DigitalResistance.Transparency"],
    };

    [Fact]
    public void Every_project_references_only_what_it_may()
    {
        var source = DigitalResistance.Testing.Needs.Beside("src/BannedSymbols.txt");
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(source)!, "*.csproj", SearchOption.AllDirectories))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var references = XDocument.Load(file).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')));
            Assert.True(Allowed.ContainsKey(name), $"{name} is not in the table: a new project needs its reason here.");
            Assert.Empty(references.Except(Allowed[name]));
        }
    }
}
