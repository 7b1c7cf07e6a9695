using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>
/// Fields of taproot's script path (https://github.com/bitcoin/bips/blob/master/bip-0371.mediawiki). They are not used
/// here and are kept as they came, but what BIP-371 calls invalid is refused.
/// </summary>
internal static class PsbtTaprootFields
{
    private const byte ScriptSignatureType = 0x14;
    private const byte LeafScriptType = 0x15;

    public static void CheckInput(PsbtMap map)
    {
        foreach (var (key, value) in map)
        {
            if (key[0] == ScriptSignatureType && (key.Length != 1 + 32 + 32 || value.Length is not (64 or 65)))
                throw map.Malformed(ScriptSignatureType, "is not a signature under a key and a leaf");
            if (key[0] == LeafScriptType && (key.Length < 1 + 33 || (key.Length - 1 - 33) % 32 != 0 || key.Length > 1 + 33 + 128 * 32 || value.Length == 0))
                throw map.Malformed(LeafScriptType, "is not a script under a control block");
        }
    }

    public static void CheckTree(PsbtMap map, byte type)
    {
        if (map.Take(type) is not { } value) return;
        if (value.Length == 0) throw map.Malformed(type, "is empty");
        var reader = new WireReader(value, "taproot tree");
        while (reader.Remaining > 0)
        {
            if (reader.ReadByte() > 128 || (reader.ReadByte() & 1) != 0) throw map.Malformed(type, "is not a tree of leaves");
            reader.TakeVarBytes();
        }

        map.Put(type, value);
    }
}
