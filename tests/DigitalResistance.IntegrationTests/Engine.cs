using DigitalResistance.IntegrationTests.Peers;

namespace DigitalResistance.Testing;

/// <summary>The engine of this project's run of the tests in <c>BothEngines</c>.</summary>
internal static class Engine
{
    public const string Name = "postgres";

    /// <summary>A new empty database.</summary>
    public static async Task<string?> CreateAsync() => await PostgresPeer.CreateDatabaseAsync();
}
