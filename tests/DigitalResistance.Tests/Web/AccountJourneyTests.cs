using DigitalResistance.Accounts;

namespace DigitalResistance.Tests.Web;

/// <summary>People at the pages: making an account, signing in, losing things, and who may open what.</summary>
public sealed class AccountJourneyTests(WebApp app)
{
    [Fact]
    public async Task Somebody_makes_an_account_sees_the_codes_once_and_signs_in_again()
    {
        using var visitor = app.NewVisitor();
        var form = await visitor.OpenAsync("/en/account/new");
        var codes = await visitor.SubmitAsync(form, "Input.Password", ("Input.Password", "seven owls over the quiet lake"), ("Input.Again", "seven owls over the quiet lake"));
        Assert.Equal(200, codes.Status);
        Assert.Contains("shown once", codes.Html, StringComparison.Ordinal);
        var id = System.Text.RegularExpressions.Regex.Match(codes.Html, "class=\"secret\">([0-9A-Z-]{25})<").Groups[1].Value;
        Assert.True(AccountId.TryParse(id, out _));
        Assert.Equal(RecoveryCodes.Count, System.Text.RegularExpressions.Regex.Count(codes.Html, "<li>([0-9A-Z]{4}-){3}[0-9A-Z]{4}</li>"));

        Assert.Equal("/en/account", (await visitor.GetAsync("/en/account/codes")).Location);
        using var elsewhere = app.NewVisitor();
        var home = await elsewhere.SignInAsync(new Person(default, id.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal), "seven owls over the quiet lake", []));
        Assert.Equal("/en/my", home.Path);
        Assert.Equal(200, home.Status);
    }
}
