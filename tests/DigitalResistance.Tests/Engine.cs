namespace DigitalResistance.Testing;

/// <summary>The engine of this project's run of the tests in <c>BothEngines</c>.</summary>
internal static class Engine
{
    public const string Name = "sqlite";

    /// <summary>A new empty database; SQLite makes its files itself.</summary>
    public static Task<string?> CreateAsync() => Task.FromResult<string?>(null);
}
