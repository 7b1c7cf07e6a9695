using System.Text.RegularExpressions;
using DigitalResistance.Accounts;
using DigitalResistance.Tests.Web;

namespace DigitalResistance.Tests;

/// <summary>The second device of somebody at a browser.</summary>
internal static partial class Authenticators
{
    /// <summary>Turns on one-time codes for somebody who is signed in.</summary>
    /// <returns>The secret.</returns>
    public static async Task<byte[]> SetUpAuthenticatorAsync(this Visitor visitor, WebApp app, Person person)
    {
        var page = await visitor.OpenAsync("/en/account/authenticator");
        var secret = SecretOf(page);
        var code = Totp.Code(secret, Totp.StepOf(app.Time.GetUtcNow()));
        var done = await visitor.SubmitAsync(page, "Input.Pending", ("Input.NewCode", code), ("Input.Password", person.Password));
        Assert.Contains("One-time codes are on", done.Html, StringComparison.Ordinal);
        return secret;
    }

    /// <summary>What the page wants to be typed into the app.</summary>
    public static byte[] SecretOf(Page page) => FromBase32(ManualKey().Match(page.Html).Groups[1].Value);

    private static byte[] FromBase32(string text)
    {
        var bytes = new List<byte>();
        var (buffer, bits) = (0, 0);
        foreach (var character in text.Where(c => c != ' '))
        {
            buffer = (buffer << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(character, StringComparison.Ordinal);
            bits += 5;
            if (bits < 8) continue;
            bytes.Add((byte)(buffer >> (bits -= 8)));
            buffer &= (1 << bits) - 1;
        }

        return [.. bytes];
    }

    [GeneratedRegex("class=\"secret\">([A-Z2-7 ]{39})<")]
    private static partial Regex ManualKey();
}
