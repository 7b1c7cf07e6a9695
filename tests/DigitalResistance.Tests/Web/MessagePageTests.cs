using System.Text.RegularExpressions;
using DigitalResistance.Accounts;

namespace DigitalResistance.Tests.Web;

/// <summary>Messages at the pages of both sides.</summary>
public sealed partial class MessagePageTests
{
    [Fact]
    public async Task An_account_writes_an_admin_answers_and_neither_learns_who_the_other_is()
    {
        await using var app = new WebApp();
        var (operators, admins) = (await app.NewPersonAsync(), await app.NewPersonAsync(Roles.Admin));
        using var mine = app.NewVisitor();
        using var theirs = app.NewVisitor();
        await mine.SignInAsync(operators);
        await theirs.SignInAsync(admins);
        await theirs.SetUpAuthenticatorAsync(app, admins);
        Assert.Contains("Nobody wrote", (await theirs.OpenAsync("/en/admin/messages")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await theirs.GetAsync("/en/admin/messages/AAAA-AAAA")).Status);
        Assert.Equal(403, (await mine.GetAsync("/en/admin/messages")).Status);

        var empty = await mine.SubmitAsync(await mine.OpenAsync("/ru/my/messages"), "name=\"Text\"", ("Text", "  "));
        Assert.Equal(422, empty.Status);
        Assert.Contains("Напишите что-нибудь", empty.Text, StringComparison.Ordinal);
        var tooLong = await mine.SendAsync(empty, "name=\"Text\"", ("Text", new string('x', 2_001)));
        Assert.Contains("2001", tooLong.Text, StringComparison.Ordinal);
        const string question = "Why am I held? <b>2 < 3</b>";
        Assert.Contains(question, (await mine.SubmitAsync(empty, "name=\"Text\"", ("Text", question))).Text, StringComparison.Ordinal);

        var list = await theirs.OpenAsync("/ru/admin/messages");
        Assert.Contains("ждёт ответа", list.Text, StringComparison.Ordinal);
        var conversation = await theirs.OpenAsync("/en/admin/messages/" + Tag().Match(list.Html).Value);
        Assert.DoesNotContain(operators.AccountId, conversation.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>2", conversation.Html, StringComparison.Ordinal);
        Assert.Contains("Sent", (await theirs.SubmitAsync(conversation, "name=\"Text\"", ("Text", "One machine, two accounts."))).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("waits for an answer", (await theirs.OpenAsync("/en/admin/messages")).Text, StringComparison.Ordinal);
        var answered = await mine.OpenAsync("/en/my/messages");
        Assert.Contains("One machine, two accounts.", answered.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(admins.AccountId, answered.Html, StringComparison.Ordinal);

        Assert.Contains("Nothing was written yet", (await mine.SubmitAsync(answered, "Delete everything</button>")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await theirs.GetAsync(conversation.Path)).Status);
        Assert.DoesNotContain(app.Log, line => line.Contains("Why am I held", StringComparison.Ordinal));
    }

    [GeneratedRegex("(?<=/admin/messages/)[0-9a-z]{4}-[0-9a-z]{4}(?=\">)")]
    private static partial Regex Tag();
}
