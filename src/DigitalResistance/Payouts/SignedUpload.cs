using System.Buffers.Text;
using System.Text;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Reads what a signer sends back: a PSBT as file, base64 or hexadecimal digits, or the finished transaction that some wallets give
/// instead. Whatever it is, it is only a bag of signatures for one unsigned transaction: amounts, scripts, paths and finished witnesses
/// in it are claims of a stranger and are not used.
/// </summary>
internal sealed class SignedUpload
{
    /// <summary>Largest upload in bytes, whatever its encoding means.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    private static readonly byte[] Magic = [0x70, 0x73, 0x62, 0x74, 0xff];

    private SignedUpload(Transaction unsigned, IReadOnlyList<ClaimedSignature> signatures, IReadOnlyList<Transaction>? previous = null) =>
        (Unsigned, Signatures, Previous) = (unsigned, signatures, previous ?? []);

    /// <summary>The transaction that the signatures are said to be for, without any of them.</summary>
    public Transaction Unsigned { get; }

    /// <summary>Transactions that it carries whole, because coins of theirs are spent. Their ids say which they are, nothing else.</summary>
    public IReadOnlyList<Transaction> Previous { get; }

    /// <summary>Every signature found.</summary>
    public IReadOnlyList<ClaimedSignature> Signatures { get; }

    /// <summary>Reads an upload; null with a problem where it is nothing that a wallet gives.</summary>
    public static (SignedUpload? Upload, UploadProblem? Problem) Read(ReadOnlySpan<byte> bytes, Network network)
    {
        if (bytes.Length > MaxLength) return (null, UploadProblem.TooLarge);
        var raw = Decode(bytes);
        if (raw.Length == 0) return (null, bytes.IndexOfAnyExcept(" \t\r\n"u8) < 0 ? UploadProblem.Empty : UploadProblem.Unreadable);
        if (raw.AsSpan().StartsWith(Magic))
        {
            if (IsVersion2(raw.AsSpan(Magic.Length))) return (null, UploadProblem.Version2);
            return PSBT.TryParse(Convert.ToBase64String(raw), network, out var psbt) ? (FromPsbt(psbt), null) : (null, UploadProblem.Malformed);
        }

        return Transaction.TryParse(Convert.ToHexString(raw), network, out var final) ? (FromFinal(final), null)
            : (null, UploadProblem.Unreadable);
    }

    // Files are binary or text; what is pasted is text, perhaps broken into lines.
    private static byte[] Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Magic) || bytes.IndexOfAnyExceptInRange((byte)' ', (byte)'~') is var binary && binary >= 0 && bytes[binary] is not ((byte)'\r' or (byte)'\n' or (byte)'\t'))
        {
            return bytes.ToArray();
        }

        var text = new string([.. Encoding.ASCII.GetString(bytes).Where(c => !char.IsWhiteSpace(c))]);
        if (text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit)) return Convert.FromHexString(text);
        return Base64.IsValid(text) ? Convert.FromBase64String(text) : [];
    }

    // BIP-370: the global map says its version; version 0 has none.
    private static bool IsVersion2(ReadOnlySpan<byte> maps)
    {
        const byte version = 0xfb;
        while (maps.Length > 2 && maps[0] is > 0 and < 0xfd && maps.Length > maps[0] + 1)
        {
            if (maps[0] == 1 && maps[1] == version) return maps[2..].StartsWith<byte>([4, 2, 0, 0, 0]);
            var value = maps[(1 + maps[0])..];
            var (length, prefix) = value[0] switch
            {
                < 0xfd => (value[0], 1),
                0xfd when value.Length > 2 => (value[1] | (value[2] << 8), 3),
                0xfe when value.Length > 4 && value[4] == 0 => (value[1] | (value[2] << 8) | (value[3] << 16), 5),
                _ => (int.MaxValue - 9, 9),
            };
            if (value.Length < prefix + (long)length) return false;
            maps = value[(prefix + length)..];
        }

        return false;
    }

    private static SignedUpload FromPsbt(PSBT psbt)
    {
        var claims = new List<ClaimedSignature>();
        foreach (var input in psbt.Inputs)
        {
            var index = (int)input.Index;
            claims.AddRange(input.PartialSigs.Select(sig => new ClaimedSignature(index, sig.Key, sig.Value.ToBytes())));
            if (input.TaprootKeySignature is { } taproot) claims.Add(new ClaimedSignature(index, null, taproot.ToBytes()));
            // Many wallets finish what they can: the signatures are in there all the same.
            if (input.FinalScriptWitness is { } final) claims.AddRange(FromWitness(index, final));
        }

        return new SignedUpload(psbt.GetGlobalTransaction(), claims, [.. psbt.Inputs.Select(input => input.NonWitnessUtxo).OfType<Transaction>()]);
    }

    private static SignedUpload FromFinal(Transaction final)
    {
        var unsigned = final.Clone();
        unsigned.RemoveSignatures();
        return new SignedUpload(unsigned, [.. final.Inputs.SelectMany((input, index) => FromWitness(index, input.WitScript))]);
    }

    private static IEnumerable<ClaimedSignature> FromWitness(int index, WitScript witness) =>
        witness.Pushes.Where(push => push.Length is 64 or 65 || (push.Length is > 8 and < 74 && push[0] == 0x30)).Select(push => new ClaimedSignature(index, null, push));
}

/// <summary>A signature that somebody says is one.</summary>
/// <param name="InputIndex">The input it is said to sign.</param>
/// <param name="PubKey">The key it is said to be by; null where the upload does not say.</param>
/// <param name="Signature">As the witness holds it, sighash byte included.</param>
internal sealed record ClaimedSignature(int InputIndex, PubKey? PubKey, byte[] Signature);

/// <summary>Why an upload cannot be read.</summary>
public enum UploadProblem
{
    /// <summary>There is nothing in it.</summary>
    Empty,

    /// <summary>Larger than 4 MiB.</summary>
    TooLarge,

    /// <summary>Neither a PSBT nor a transaction.</summary>
    Unreadable,

    /// <summary>It begins as a PSBT and is cut or broken.</summary>
    Malformed,

    /// <summary>A PSBT of version 2 (BIP-370); version 0 is what all wallets understand.</summary>
    Version2,
}
