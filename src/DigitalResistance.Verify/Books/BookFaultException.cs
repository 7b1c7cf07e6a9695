namespace DigitalResistance.Verify.Books;

/// <summary>An entry says something that cannot be true after the entries before it.</summary>
internal sealed class BookFaultException(string message) : Exception(message)
{
    /// <summary>Stops unless it holds.</summary>
    public static void Need(bool holds, string otherwise)
    {
        if (!holds) throw new BookFaultException(otherwise);
    }
}
