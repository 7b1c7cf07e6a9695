using DigitalResistance.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Tests.Accounts;

/// <summary>What is refused as a password, and what is the same password.</summary>
public sealed class PasswordTests
{
    [Theory]
    [InlineData("password1234")]
    [InlineData("P@ssw0rd2024!")]
    [InlineData("qwertyuiop[]")]
    [InlineData("йцукенгшщзхъ")]
    [InlineData("123456789012")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("ababababbaba")]
    [InlineData("Пароль123456")]
    [InlineData("passwordpassword")]
    [InlineData("telegramdurov2018")]
    [InlineData("dragon1dragon2dragon3")]
    [InlineData("1qaz2wsx3edc4rfv")]
    [InlineData("lovelovelovelovelove")]
    [InlineData("correct horse battery staple")]
    public void The_first_guesses_are_refused(string password) => Assert.True(CommonPasswords.IsCommon(password));

    [Theory]
    [InlineData("seven owls over the quiet lake")]
    [InlineData("тихий омут и три весла")]
    [InlineData("fK3-vv9_qLw0ZtQ")]
    [InlineData("correct pony battery lamp")]
    [InlineData("48151623421804")]
    public void Others_are_not(string password) => Assert.False(CommonPasswords.IsCommon(password));

    [Fact]
    public void The_same_letters_typed_on_another_system_are_the_same_password()
    {
        var hasher = new PasswordHashing(Options.Create(new PasswordHasherOptions { IterationCount = 1000 }));
        var account = new Account();
        var composed = hasher.HashPassword(account, "чай с мёдом и йодом");
        Assert.Equal(PasswordVerificationResult.Success, hasher.VerifyHashedPassword(account, composed, "чай с мёдом и йодом".Normalize(System.Text.NormalizationForm.FormD)));
        Assert.Equal(PasswordVerificationResult.Failed, hasher.VerifyHashedPassword(account, composed, "чай с медом и иодом"));
        Assert.Equal(PasswordVerificationResult.Failed, hasher.VerifyHashedPassword(account, composed, "\ud800"));
    }
}
