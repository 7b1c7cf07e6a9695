using System.Runtime.CompilerServices;

namespace DigitalResistance.Web.Demo;

/// <summary>The story knows how each act ends; another ending stops it with the name of what happened.</summary>
internal static class Expect
{
    public static T That<T>(object? ending)
        where T : class =>
        ending as T ?? throw new UnexpectedEndingException($"The demo expected {typeof(T).Name}, and it was {ending ?? "nothing"}.");

    public static void True(bool holds, [CallerArgumentExpression(nameof(holds))] string? what = null)
    {
        if (!holds) throw new UnexpectedEndingException($"The demo expected: {what}.");
    }
}

/// <summary>Something went another way than the story: in a round, because somebody took it into their own hands in the browser.</summary>
internal sealed class UnexpectedEndingException(string message) : Exception(message);
