namespace DigitalResistance.Verify.Bitcoin;

/// <summary>How an output's script is written for people, of the kinds that have an address.</summary>
internal static class OutputAddress
{
    /// <summary>The address on a network; null for a script that has none.</summary>
    public static string? Of(byte[] script, string network) => script switch
    {
        [0x76, 0xa9, 20, .. { Length: 20 } hash, 0x88, 0xac] => Base58Check.Encode([network == "bitcoin" ? (byte)0x00 : (byte)0x6f, .. hash]),
        [0xa9, 20, .. { Length: 20 } hash, 0x87] => Base58Check.Encode([network == "bitcoin" ? (byte)0x05 : (byte)0xc4, .. hash]),
        // BIP-141: a version and 2 to 40 bytes; version 0 has 20 or 32.
        [0x00, 20 or 32, ..] or [>= 0x51 and <= 0x60, >= 2 and <= 40, ..] when script.Length == script[1] + 2 => SegwitAddress.Of(script, network),
        _ => null,
    };

    /// <summary>Whether a text is the address of a script; of a witness program it may be written in capitals.</summary>
    public static bool Is(string text, byte[] script, string network) =>
        Of(script, network) is { } address && (text == address || (address[0] is 'b' or 't' && string.Equals(text, address, StringComparison.OrdinalIgnoreCase)));
}
