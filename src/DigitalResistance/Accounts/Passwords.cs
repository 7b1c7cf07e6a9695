using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Accounts;

/// <summary>
/// Hashes passwords as Identity does, after bringing letters to one form (NIST SP 800-63B section 3.1.1.2): "й" typed on one system must
/// be "й" on another.
/// </summary>
internal sealed class PasswordHashing(IOptions<PasswordHasherOptions> options) : PasswordHasher<Account>(options)
{
    public override string HashPassword(Account user, string password) => base.HashPassword(user, OneForm(password));

    public override PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword) =>
        base.VerifyHashedPassword(user, hashedPassword, OneForm(providedPassword));

    private static string OneForm(string password)
    {
        try
        {
            return password.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            // Not a valid sequence of code points: it has just the one form.
            return password;
        }
    }
}

/// <summary>
/// Refuses what a guesser tries first. Long passwords are asked for, so the list is of the words that people stretch: one of them repeated,
/// with digits and signs around, or spelt with digits for letters; a walk over the keyboard; few different characters.
/// </summary>
internal sealed class CommonPasswords : IPasswordValidator<Account>
{
    public const string Code = "PasswordCommon";

    private static readonly string[] Walks =
    [
        "01234567890123456789012345678901234567890", "98765432109876543210987654321098765432109876543210",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnmqwertyuiop", "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
        "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "poiuytrewqlkjhgfdsamnbvcxz",
        "йцукенгшщзхъфывапролджэячсмитьбю", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "1й2ц3у4к5е6н7г8ш9щ0з", "юбьтимсчяэждлорпавыфъхзщшгнекуцй",
    ];

    private static readonly Lazy<HashSet<string>> Words = new(() =>
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-words.txt")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
    });

    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password) =>
        Task.FromResult(IsCommon(password ?? "") || (user.UserName is { } name && Base32.Normalize(password) is { } typed && typed.Contains(name[..20], StringComparison.Ordinal))
            ? IdentityResult.Failed(new IdentityError { Code = Code, Description = Code })
            : IdentityResult.Success);

    internal static bool IsCommon(string password)
    {
        var plain = password.Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        if (plain.Distinct().Count() < 5) return true;
        var letters = new string([.. plain.Where(c => !char.IsWhiteSpace(c))]);
        if (Walks.Any(walk => walk.Contains(letters, StringComparison.Ordinal))) return true;
        return IsStretchedWord(letters) || IsStretchedWord(Spelt(Core(letters))) || IsRepetition(letters);
    }

    /// <summary>Nothing but one or two listed words, or one over and over, once the digits and signs are gone.</summary>
    private static bool IsStretchedWord(string text)
    {
        var core = new string([.. text.Where(char.IsLetter)]);
        var words = Words.Value;
        return words.Contains(core) || words.Contains(Period(core))
            || Enumerable.Range(1, Math.Max(0, core.Length - 1)).Any(at => words.Contains(core[..at]) && words.Contains(core[at..]));
    }

    /// <summary>The same few characters over and over.</summary>
    private static bool IsRepetition(string text) => text.Length >= 2 && Period(text).Length <= Math.Min(text.Length / 2, 6);

    private static string Period(string text)
    {
        for (var length = 1; length < text.Length; length++)
        {
            if (text.Select((c, i) => c == text[i % length]).All(same => same)) return text[..length];
        }

        return text;
    }

    /// <summary>Without the digits and signs around it.</summary>
    private static string Core(string text)
    {
        var first = text.TakeWhile(c => !char.IsLetter(c)).Count();
        return text[first..(text.Length - text[first..].Reverse().TakeWhile(c => !char.IsLetter(c)).Count())];
    }

    private static string Spelt(string text) => new([.. text.Select(c => c switch
    {
        '0' => 'o', '1' or '!' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', '8' => 'b', '9' => 'g', _ => c,
    })]);
}
