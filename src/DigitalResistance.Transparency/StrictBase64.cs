namespace DigitalResistance.Transparency;

/// <summary>Base64 with one accepted spelling: no white space, full padding, no stray bits, so that equal bytes are equal text.</summary>
internal static class StrictBase64
{
    public static byte[] Decode(string text)
    {
        var buffer = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, buffer, out var length) || Convert.ToBase64String(buffer.AsSpan(0, length)) != text)
            throw new FormatException($"'{(text.Length > 60 ? text[..60] + "…" : text)}' is not canonical base64.");
        return buffer[..length];
    }
}
