using NBitcoin;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>
/// The same tests run against the stand-in and against the real NBitcoin (<c>-p:BitcoinLibrary=NBitcoin</c>). Where the
/// stand-in is stricter or narrower on purpose, a test says so here; docs/decisions/0005 lists these places.
/// </summary>
internal static class StandIn
{
    public static bool IsUsed { get; } = typeof(Network).Assembly.GetName().Name == "DigitalResistance.NBitcoin";

    /// <summary>Skips a test about a difference when the real package is used.</summary>
    public static void Only(string difference) => Assert.SkipUnless(IsUsed, "NBitcoin differs: " + difference);

    /// <summary>The stand-in refuses what it reads with a <see cref="FormatException"/> and nothing else; NBitcoin also with others.</summary>
    public static void AssertRefused(Action read, string what)
    {
        var thrown = Record.Exception(read);
        Assert.True(thrown is FormatException || thrown is not null && !IsUsed, $"{what}: {thrown?.ToString() ?? "accepted"}");
    }
}
