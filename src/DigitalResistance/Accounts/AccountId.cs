namespace DigitalResistance.Accounts;

/// <summary>
/// The name of an account: 20 random base-32 characters (100 bits, made by us, as self-chosen names tell who somebody is) and a check
/// character. Shown as <c>7K3QX-0M9TD-ZB4CA-R81WE-5</c>; accepted with or without dashes, in any case, with look-alikes forgiven.
/// </summary>
public readonly record struct AccountId
{
    private const int Length = 20;

    private AccountId(string value) => Value = value;

    /// <summary>The 21 characters without dashes: what is stored.</summary>
    public string Value { get; }

    /// <summary>A new one.</summary>
    public static AccountId New()
    {
        var text = Base32.Random(Length);
        return new AccountId(text + Check(text));
    }

    /// <summary>Reads what somebody typed; false when characters are missing or the check character does not fit.</summary>
    public static bool TryParse(string? text, out AccountId id)
    {
        id = default;
        if (Base32.Normalize(text) is not { Length: Length + 1 } value || value[Length] != Check(value[..Length])) return false;
        id = new AccountId(value);
        return true;
    }

    /// <summary>One that was stored, and so is right.</summary>
    internal static AccountId Stored(string value) => new(value);

    /// <summary>In groups of five, the check character apart.</summary>
    public override string ToString() => Base32.Group(Value, 5);

    /// <summary>
    /// A weighted sum in GF(32), each place with another power of the generator: it changes with every single wrong character and with
    /// every exchange of two, so that a typing mistake is told before a password is tried.
    /// </summary>
    private static char Check(string text)
    {
        var (sum, weight) = (0, 1);
        foreach (var character in text)
        {
            weight = Double(weight);
            sum ^= Multiply(Base32.Alphabet.IndexOf(character, StringComparison.Ordinal), weight);
        }

        return Base32.Alphabet[sum];
    }

    private static int Multiply(int a, int b)
    {
        var product = 0;
        for (; b > 0; b >>= 1, a = Double(a))
        {
            if ((b & 1) == 1) product ^= a;
        }

        return product;
    }

    /// <summary>Times x, modulo x⁵ + x² + 1.</summary>
    private static int Double(int a) => (a << 1) ^ (a >= 16 ? 0b100101 : 0);
}
