namespace NBitcoin;

/// <summary>What a witness program may be (https://github.com/bitcoin/bips/blob/master/bip-0141.mediawiki#witness-program).</summary>
internal static class WitnessProgram
{
    /// <summary>Why this cannot be a witness program, or null.</summary>
    public static string? Fault(int version, int length) => (version, length) switch
    {
        ( > 16, _) => $"There is no witness version {version}.",
        (_, < 2 or > 40) => $"A witness program has 2 to 40 bytes, this one has {length}.",
        (0, not (20 or 32)) => $"A witness program of version 0 has 20 or 32 bytes, this one has {length}.",
        _ => null,
    };

    /// <summary>Splits a script that is a witness program into version and program.</summary>
    public static bool TryRead(ReadOnlySpan<byte> script, out int version, out ReadOnlySpan<byte> program)
    {
        version = 0;
        program = default;
        if (script.Length is < 4 or > 42 || script[1] != script.Length - 2) return false;
        if (script[0] is not (0 or >= (byte)OpcodeType.OP_1 and <= (byte)OpcodeType.OP_16)) return false;
        version = script[0] == 0 ? 0 : script[0] - (byte)OpcodeType.OP_1 + 1;
        program = script[2..];
        return true;
    }
}
