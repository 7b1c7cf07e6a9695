using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>One signature line of a note.</summary>
/// <param name="Name">Name of the key.</param>
/// <param name="KeyId">First four bytes of the blob.</param>
/// <param name="Signature">The rest of the blob.</param>
public sealed record NoteSignature(string Name, ReadOnlyMemory<byte> KeyId, ReadOnlyMemory<byte> Signature)
{
    /// <summary>The line as the note holds it, without its newline.</summary>
    public override string ToString() => $"\u2014 {Name} {Convert.ToBase64String([.. KeyId.Span, .. Signature.Span])}";
}

/// <summary>
/// A text and the signatures under it (<see href="https://c2sp.org/signed-note">C2SP signed-note</see>). Reading one says nothing yet:
/// only what <see cref="VerifiedBy"/> accepted may be believed.
/// </summary>
/// <param name="Text">The signed text, its last newline included.</param>
/// <param name="Signatures">The lines under the blank line.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>Longest note we read; sixteen post-quantum signatures fit.</summary>
    public const int MaximumLength = 256 * 1024;

    private const int MaximumSignatures = 100;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Signs a text that ends in a newline.</summary>
    public static SignedNote Sign(string text, params IReadOnlyList<NoteSigner> signers)
    {
        CheckText(text);
        var bytes = StrictUtf8.GetBytes(text);
        return new SignedNote(text, [.. signers.Select(s => new NoteSignature(s.Verifier.Name, s.Verifier.Id, s.Sign(bytes)))]);
    }

    /// <summary>Reads a note, strictly; throws <see cref="FormatException"/> that says what is wrong.</summary>
    public static SignedNote Parse(ReadOnlySpan<byte> raw)
    {
        if (raw.Length > MaximumLength) throw new FormatException($"A note has at most {MaximumLength} bytes.");
        string note;
        try
        {
            note = StrictUtf8.GetString(raw);
        }
        catch (ArgumentException invalid)
        {
            throw new FormatException("The note is not valid UTF-8.", invalid);
        }

        // The text may hold blank lines itself: the last one separates.
        var blank = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (blank < 0) throw new FormatException("The note has no blank line before its signatures.");
        var text = note[..(blank + 1)];
        CheckText(text);
        var lines = note[(blank + 2)..];
        if (!lines.EndsWith('\n')) throw new FormatException("The note has no signature line that ends in a newline.");
        var signatures = lines[..^1].Split('\n').Select(ParseLine).ToArray();
        if (signatures.Length > MaximumSignatures) throw new FormatException($"A note has at most {MaximumSignatures} signatures.");
        return new SignedNote(text, signatures);
    }

    /// <summary>
    /// The keys, of those given, that signed this text. Lines of unknown keys are ignored; a line that names a known key and does not
    /// verify condemns the whole note, and so does the absence of any known key: both throw <see cref="FormatException"/>.
    /// </summary>
    public IReadOnlyList<NoteVerifier> VerifiedBy(params IReadOnlyCollection<NoteVerifier> known)
    {
        var text = StrictUtf8.GetBytes(Text);
        var verified = new List<NoteVerifier>();
        foreach (var signature in Signatures)
        {
            var key = known.FirstOrDefault(k => k.Name == signature.Name && k.Id.Span.SequenceEqual(signature.KeyId.Span));
            if (key is null) continue;
            if (!key.Verify(text, signature.Signature.Span)) throw new FormatException($"The signature of {key.Name} ({Convert.ToHexStringLower(key.Id.Span)}) does not fit the text.");
            if (!verified.Contains(key)) verified.Add(key);
        }

        if (verified.Count == 0) throw new FormatException($"The note is not signed by {string.Join(" or ", known.Select(k => $"{k.Name} ({Convert.ToHexStringLower(k.Id.Span)})"))}.");
        return verified;
    }

    /// <summary>The note's bytes, exactly as they are published.</summary>
    public byte[] ToBytes() => StrictUtf8.GetBytes(ToString());

    /// <summary>The note as text.</summary>
    public override string ToString() => $"{Text}\n{string.Concat(Signatures.Select(s => $"{s}\n"))}";

    private static void CheckText(string text)
    {
        if (!text.EndsWith('\n')) throw new FormatException("The text of a note ends in a newline.");
        if (text.Any(c => c < 0x20 && c != '\n')) throw new FormatException("A note holds no control characters but newlines.");
    }

    private static NoteSignature ParseLine(string line)
    {
        if (!line.StartsWith("\u2014 ", StringComparison.Ordinal) || line.Any(c => c < 0x20)) throw new FormatException($"'{line}' is not a signature line.");
        var parts = line[2..].Split(' ');
        if (parts.Length != 2) throw new FormatException($"'{line}' is not a signature line: it needs a name and a signature.");
        NoteVerifier.CheckName(parts[0]);
        var blob = StrictBase64.Decode(parts[1]);
        if (blob.Length < 5) throw new FormatException($"The signature of {parts[0]} is too short.");
        return new NoteSignature(parts[0], blob.AsMemory(0, 4), blob.AsMemory(4));
    }
}
