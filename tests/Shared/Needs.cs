namespace DigitalResistance.Testing;

/// <summary>
/// What a test needs from the machine. On a user's machine a missing tool skips the test and says which;
/// with <c>DR_REQUIRE=all</c> (as in CI) a skipped test would be a lie, so it fails instead.
/// </summary>
internal static class Needs
{
    private static readonly bool Required = Environment.GetEnvironmentVariable("DR_REQUIRE") == "all";

    /// <summary>Full path of a program, looked up on PATH and in the sbin folders; skips the test when it is missing.</summary>
    public static string Program(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin"]);
        var path = folders.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);
        return path ?? throw Missing($"the program '{name}' is not installed");
    }

    /// <summary>Path of something beside the checkout (as <c>shared/vectors/core</c>), looked for in every parent folder.</summary>
    public static string Beside(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, relative);
            if (Path.Exists(path)) return path;
        }

        throw Missing($"'{relative}' is not beside the checkout");
    }

    /// <summary>Fails where everything is required, skips elsewhere; throw what it returns.</summary>
    public static Exception Missing(string what)
    {
        if (Required) return new InvalidOperationException($"DR_REQUIRE=all, but {what}.");
        Assert.Skip($"Skipped: {what}.");
        return new InvalidOperationException("unreachable");
    }

    /// <summary>How deep harnesses go: the short form in CI and by default, the long one with <c>DR_DEPTH=long</c>.</summary>
    public static int Depth(int ci, int @long) => Environment.GetEnvironmentVariable("DR_DEPTH") == "long" ? @long : ci;

    /// <summary>A range that a variable names, as <c>DR_SEEDS=30-59</c>, both ends included: the first and the one after the last; null where it is not set.</summary>
    public static (int First, int After)? Range(string variable) =>
        Environment.GetEnvironmentVariable(variable)?.Split('-') is [var first, var last] ? (int.Parse(first, System.Globalization.CultureInfo.InvariantCulture), int.Parse(last, System.Globalization.CultureInfo.InvariantCulture) + 1) : null;
}
