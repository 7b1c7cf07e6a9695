namespace DigitalResistance.Web.Forms;

/// <summary>An approval's signature, pasted or as the file that ssh-keygen wrote; the file counts where there is one.</summary>
internal static class SignatureInput
{
    /// <summary>A signature's file has a few hundred bytes; what is far longer is none, and is not read.</summary>
    private const int Longest = 16 * 1024;

    public static async Task<string> ReadAsync(string? pasted, IFormFile? file, CancellationToken cancellation)
    {
        if (file is null) return pasted ?? "";
        if (file.Length > Longest) return "";
        using var reader = new StreamReader(file.OpenReadStream());
        return await reader.ReadToEndAsync(cancellation);
    }
}
