using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Tests.Web;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Tests.Rounds;

/// <summary>Rounds at the pages: two admins, an operator and the public.</summary>
public sealed class RoundPagesTests(RoundsApp app) : IClassFixture<RoundsApp>
{
    internal const string Address = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    [Fact]
    public async Task Of_two_admins_at_one_page_the_second_is_told_that_nothing_was_done()
    {
        using var alice = await app.NewAdminAsync();
        using var boris = await app.NewAdminAsync();
        var number = await app.OpenRoundAsync(alice.Person.Id);
        var (hers, his) = (await alice.OpenAsync($"/en/admin/rounds/{number}"), await boris.OpenAsync($"/ru/admin/rounds/{number}"));

        Assert.Equal(302, (await alice.Browser.SendAsync(hers, "Make the scores final")).Status);
        var late = await boris.Browser.SendAsync(his, "Зафиксировать баллы");
        Assert.Equal(409, late.Status);
        Assert.Contains("Вами ничего не сделано", late.Text, StringComparison.Ordinal);
        // What he sees is how it is now.
        Assert.Contains("Вычислить суммы", late.Text, StringComparison.Ordinal);
        Assert.Equal(1, await EntriesAsync(number, "round.frozen"));
    }

    [Theory]
    [InlineData("en", "What you entered", "What is stored now")]
    [InlineData("ru", "Что ввели вы", "Что сохранено сейчас")]
    public async Task Of_two_admins_who_edit_one_round_the_second_sees_both_versions_and_decides(string language, string yours, string now)
    {
        using var alice = await app.NewAdminAsync();
        using var boris = await app.NewAdminAsync();
        var day = language == "en" ? "2025-07-01" : "2025-07-02";
        var draft = await alice.Browser.SubmitAsync(await alice.OpenAsync("/en/admin/rounds/edit"), "Input.Budget", Terms(day + "T00:00", day + "T06:00"));
        var number = int.Parse(draft.Path.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
        var path = $"/{language}/admin/rounds/edit/{number}";
        var (hers, his) = (await alice.OpenAsync(path), await boris.OpenAsync(path));
        Assert.Equal(302, (await alice.Browser.SendAsync(hers, "Input.Budget", ("Input.Budget", "1 500 000"))).Status);

        var late = await boris.Browser.SendAsync(his, "Input.Budget", ("Input.Budget", "2 000 000"), ("Input.Floor", "30000"));
        Assert.Equal(409, late.Status);
        Assert.Contains($"<td data-label=\"{yours}\"><strong>2000000</strong></td>", late.Html, StringComparison.Ordinal);
        Assert.Contains($"<td data-label=\"{now}\"><strong>1500000</strong></td>", late.Html, StringComparison.Ordinal);
        Assert.Contains($"<td data-label=\"{now}\">20000</td>", late.Html, StringComparison.Ordinal);
        // What he entered is still in the form, and saving it now is his decision.
        Assert.Equal(302, (await boris.Browser.SendAsync(late, "Input.Budget")).Status);
        var stored = await app.AskAsync(db => db.Set<Round>().SingleAsync(r => r.Number == number));
        Assert.Equal((2_000_000, 30_000), (stored.Budget.Value, stored.Floor.Value));

        // Announced meanwhile it cannot be edited at all.
        var last = await boris.OpenAsync(path);
        await alice.Browser.SubmitAsync(await alice.OpenAsync($"/en/admin/rounds/{stored.Number}"), "Announce the round");
        var closed = await boris.Browser.SendAsync(last, "Input.Budget", ("Input.Budget", "3000000"));
        Assert.Equal(409, closed.Status);
        Assert.DoesNotContain("name=\"Input.Budget\"", closed.Html, StringComparison.Ordinal);
        Assert.Contains("<strong>3000000</strong>", closed.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_was_set_at_another_page_meanwhile_is_shown_before_a_newer_one_is_taken()
    {
        var other = Testing.Payouts.PayoutWorld.Address(64_010);
        using var browser = app.NewVisitor();
        await browser.SignInAsync(await app.NewPersonAsync());
        var (first, second) = (await browser.OpenAsync("/ru/my/payout"), await browser.OpenAsync("/ru/my/payout"));
        var fresh = Testing.Payouts.PayoutWorld.Address(64_005);
        Assert.Equal(302, (await browser.SendAsync(first, "name=\"Address\"", ("Address", fresh))).Status);
        var late = await browser.SendAsync(second, "name=\"Address\"", ("Address", other));
        Assert.Equal(409, late.Status);
        Assert.Contains("Что сохранено сейчас", late.Html, StringComparison.Ordinal);
        Assert.Contains($"<strong>{fresh}</strong>", late.Html, StringComparison.Ordinal);
        Assert.Contains($"<strong>{other}</strong>", late.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(other, (await browser.OpenAsync("/ru/my/payout")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_is_done_once_and_answered_alike()
    {
        using var alice = await app.NewAdminAsync();
        var number = await app.OpenRoundAsync(alice.Person.Id);
        var page = await alice.OpenAsync($"/en/admin/rounds/{number}");
        var answers = await Task.WhenAll(alice.Browser.SendAsync(page, "Make the scores final"), alice.Browser.SendAsync(page, "Make the scores final"));
        Assert.All(answers, a => Assert.Equal((302, $"/en/admin/rounds/{number}"), (a.Status, a.Location)));
        Assert.Equal(1, await EntriesAsync(number, "round.frozen"));
    }

    [Fact]
    public async Task An_approval_without_a_fresh_code_is_not_taken()
    {
        using var alice = await app.NewAdminAsync();
        var number = await AllocatedAsync(alice);
        var page = await alice.OpenAsync($"/en/admin/rounds/{number}");
        var code = alice.NextCode();
        var refused = await alice.Browser.SendAsync(page, "name=\"ManifestSha256\"", ("Code", code == "000000" ? "000001" : "000000"));
        Assert.Equal(422, refused.Status);
        Assert.Contains("The code is wrong or was used already.", refused.Text, StringComparison.Ordinal);
        Assert.Equal(302, (await alice.Browser.SendAsync(page, "name=\"ManifestSha256\"", ("Code", code))).Status);
        // The same code again, on a page of its own.
        var again = await alice.Browser.SendAsync(await alice.OpenAsync($"/en/admin/rounds/{number}"), "name=\"CancelCode\"", ("Reason", "Mistake"), ("CancelCode", code));
        Assert.Equal(422, again.Status);
        Assert.Equal(1, await EntriesAsync(number, "approval"));
        Assert.Equal(0, await EntriesAsync(number, "round.cancelled"));
    }

    [Fact]
    public async Task An_approval_of_the_manifest_before_an_edit_is_turned_away()
    {
        using var alice = await app.NewAdminAsync();
        using var boris = await app.NewAdminAsync();
        var number = await AllocatedAsync(alice);
        var old = await boris.OpenAsync($"/en/admin/rounds/{number}");
        var form = await alice.OpenAsync($"/en/admin/rounds/edit/{number}");
        // What a frozen round pays is computed on its page, from final scores: there is nothing to look ahead to.
        Assert.DoesNotContain("handler=Look", form.Html, StringComparison.Ordinal);
        var edited = await alice.Browser.SubmitAsync(form, "Input.MaxFee", ("Input.MaxFee", "30 000"));
        await alice.Browser.SubmitAsync(edited, "Compute the amounts");

        var late = await boris.Browser.SendAsync(old, "name=\"ManifestSha256\"", ("Code", boris.NextCode()));
        Assert.Equal(409, late.Status);
        Assert.Contains("another manifest by now", late.Text, StringComparison.Ordinal);
        Assert.Equal(0, await EntriesAsync(number, "approval"));
    }

    [Fact]
    public async Task An_admin_who_is_paid_by_the_round_is_shown_no_button_and_refused_without_it()
    {
        using var alice = await app.NewAdminAsync();
        using var boris = await app.NewAdminAsync();
        var score = new ServerScore(Guid.NewGuid(), boris.Person.Id, 995_000, 6, 5);
        app.Scores.Add(score);
        var number = await AllocatedAsync(alice);
        app.Scores.Remove(score);

        var page = await boris.OpenAsync($"/en/admin/rounds/{number}");
        Assert.Contains("You own a recipient of this round", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"ManifestSha256\"", page.Html, StringComparison.Ordinal);
        var sha = await app.AskAsync(db => db.Set<Round>().Where(r => r.Number == number).Select(r => r.ManifestSha256).SingleAsync());
        var crafted = new Page(page.Path + "?handler=SignedIn", 200, page.Html, null, page.Response);
        var refused = await boris.Browser.SendAsync(crafted with { Html = page.Html.Replace("?handler=Cancel", "?handler=SignedIn", StringComparison.Ordinal) }, "CancelCode", ("ManifestSha256", sha!), ("Code", boris.NextCode()));
        Assert.Equal(403, refused.Status);
        Assert.Equal(0, await EntriesAsync(number, "approval"));
        Assert.Equal(1, await EntriesAsync(number, "recusal"));
    }

    [Fact]
    public async Task Every_mistake_in_the_terms_stands_beside_its_field()
    {
        using var alice = await app.NewAdminAsync();
        var form = await alice.OpenAsync("/ru/admin/rounds/edit");
        var refused = await alice.Browser.SendAsync(form, "Input.Budget", ("Input.Budget", "много"), ("Input.CapPercent", "5,00001"), ("Input.Starts", "завтра"));
        Assert.Equal(422, refused.Status);
        Assert.Contains("Введите целое число сатоши", refused.Text, StringComparison.Ordinal);
        Assert.Contains("не более чем с четырьмя знаками", refused.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"завтра\"", refused.Html, StringComparison.Ordinal);

        refused = await alice.Browser.SendAsync(form, "Input.Budget", [.. Terms("2024-01-01T00:07", "2024-01-01T00:00").Select(t => t.Name == "Input.Floor" ? (t.Name, "10500") : t)]);
        Assert.Contains("раньше, чем начинается", refused.Text, StringComparison.Ordinal);
        Assert.Contains("на границе слота", refused.Text, StringComparison.Ordinal);
        Assert.Contains("кратна шагу", refused.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt088", "character 44 is probably wrong")]
    [InlineData("ru", "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt088", "неверен символ 44")]
    [InlineData("en", "bcrt1qw508d6qejxtdg4y5r3zarvarbO0c5xw7kygt080", "Character 31 is never used")]
    [InlineData("en", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "the network mainnet; one of regtest is needed")]
    [InlineData("ru", "bcrt1qw508d6qejxtdg4y5r3zarvarbO0c5xw7kygt080", "Символ 31")]
    [InlineData("ru", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "mainnet")]
    [InlineData("en", "", "Enter an address")]
    [InlineData("ru", "", "Введите адрес")]
    public async Task A_wrong_address_is_told_with_its_place(string language, string address, string said)
    {
        using var browser = app.NewVisitor();
        await browser.SignInAsync(await app.NewPersonAsync());
        var refused = await browser.SendAsync(await browser.OpenAsync($"/{language}/my/payout"), "name=\"Address\"", ("Address", address));
        Assert.Equal(422, refused.Status);
        Assert.Contains(said, refused.Text, StringComparison.Ordinal);
        Assert.Contains($"value=\"{address}\"", refused.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_elses_address_gets_an_answer_that_does_not_say_so()
    {
        const string taken = "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";
        using var first = app.NewVisitor();
        await first.SignInAsync(await app.NewPersonAsync());
        await first.SubmitAsync(await first.OpenAsync("/en/my/payout"), "name=\"Address\"", ("Address", taken));
        using var second = app.NewVisitor();
        await second.SignInAsync(await app.NewPersonAsync());
        var refused = await second.SendAsync(await second.OpenAsync("/en/my/payout"), "name=\"Address\"", ("Address", taken));
        Assert.Equal(422, refused.Status);
        Assert.Contains("This address cannot be used here.", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_admins_open_the_admins_pages()
    {
        using var browser = app.NewVisitor();
        Assert.Equal(302, (await browser.GetAsync("/en/admin/rounds")).Status);
        await browser.SignInAsync(await app.NewPersonAsync());
        foreach (var path in new[] { "/en/admin/rounds", "/en/admin/rounds/edit", "/en/admin/keys" }) Assert.NotEqual(200, (await browser.GetAsync(path)).Status);
    }

    [Fact]
    public async Task A_round_without_figures_yet_says_so_and_has_no_files_of_them()
    {
        var number = await app.OpenRoundAsync(Guid.NewGuid());
        using var browser = app.NewVisitor();
        var page = await browser.OpenAsync($"/en/rounds/{number}");
        Assert.Contains("Figures appear when the scores are final.", page.Text, StringComparison.Ordinal);
        foreach (var file in new[] { "scores.csv", "allocation.csv", "manifest.txt", "rows.csv", "rows.json" })
            Assert.Equal(404, (await browser.GetAsync($"/rounds/{number}/{file}")).Status);
        Assert.Equal(404, (await browser.GetAsync("/en/rounds/999999")).Status);
        Assert.Equal(404, (await browser.GetAsync("/rounds/999999/policy.json")).Status);
        Assert.Equal(200, (await browser.GetAsync($"/rounds/{number}/policy.json")).Status);
    }

    [Theory, InlineData("en", "This is a private key"), InlineData("ru", "Это закрытый ключ")]
    public async Task A_private_key_that_is_pasted_as_the_public_one_is_refused_as_such_and_never_sent_back(string language, string sentence)
    {
        const string Secret = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQ";
        using var alice = await app.NewAdminAsync();
        foreach (var pasted in new[] { $"-----BEGIN OPENSSH PRIVATE KEY-----\n{Secret}\n-----END OPENSSH PRIVATE KEY-----", Secret })
        {
            // Whether the code is right or not: the page that comes back must not hold it.
            foreach (var code in new[] { alice.NextCode(), "000000" })
            {
                var page = await alice.Browser.SendAsync(await alice.OpenAsync($"/{language}/admin/keys"), "name=\"PublicKey\"", ("PublicKey", pasted), ("Code", code));
                Assert.Equal(422, page.Status);
                Assert.Contains(sentence, page.Text, StringComparison.Ordinal);
                Assert.DoesNotContain(Secret, page.Html, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task What_is_wrong_with_a_public_key_is_said_in_the_readers_language()
    {
        using var alice = await app.NewAdminAsync();
        var page = await alice.Browser.SendAsync(await alice.OpenAsync("/ru/admin/keys"), "name=\"PublicKey\"", ("PublicKey", "ssh-rsa AAAA"), ("Code", alice.NextCode()));
        Assert.Contains("Этой строкой утверждать нельзя. Вставьте целиком содержимое файла .pub одного из видов, названных у поля.", page.Text, StringComparison.Ordinal);
    }

    internal static (string Name, string Value)[] Terms(string starts, string ends) =>
    [
        ("Input.Starts", starts), ("Input.Ends", ends), ("Input.Budget", "1 000 000"), ("Input.CapPercent", "50"),
        ("Input.Floor", "10000"), ("Input.Step", "1000"), ("Input.MaxFee", "20000"), ("Input.MaxFeeRate", "50"),
    ];

    private Task<int> EntriesAsync(int round, string type) => app.AskAsync(db => db.Set<LedgerEntry>().CountAsync(e => e.RoundNumber == round && e.Type == type));

    /// <summary>An allocated round; one that waits from another test is approved away first.</summary>
    private async Task<int> AllocatedAsync(Admin admin)
    {
        foreach (var waiting in await app.AskAsync(db => db.Set<Round>().Where(r => r.State == RoundState.Allocated).ToListAsync()))
        {
            using var other = await app.NewAdminAsync();
            var page = await other.OpenAsync($"/en/admin/rounds/{waiting.Number}");
            await other.Browser.SubmitAsync(page, "name=\"CancelCode\"", ("Reason", "Mistake"), ("CancelCode", other.NextCode()));
        }

        var number = await app.OpenRoundAsync(admin.Person.Id);
        await admin.Browser.SubmitAsync(await admin.OpenAsync($"/en/admin/rounds/{number}"), "Make the scores final");
        var allocated = await admin.Browser.SubmitAsync(await admin.OpenAsync($"/en/admin/rounds/{number}"), "Compute the amounts");
        Assert.Contains("The amounts are computed.", allocated.Text, StringComparison.Ordinal);
        return number;
    }
}

/// <summary>Only one round can be allocated at a time, so this way needs a site of its own.</summary>
public sealed class RoundJourneyTests(RoundsApp app) : IClassFixture<RoundsApp>
{
    [Fact]
    public async Task Two_admins_take_a_round_from_draft_to_approval_and_everybody_can_check_it()
    {
        using var alice = await app.NewAdminAsync();
        using var boris = await app.NewAdminAsync();
        var key = TestSshKey.Create("ssh-ed25519");
        var keys = await boris.OpenAsync("/en/admin/keys");
        var enrolled = await boris.Browser.SubmitAsync(keys, "name=\"PublicKey\"", ("PublicKey", key.PublicLine), ("Code", boris.NextCode()));
        Assert.Contains("Your yes counts: 1 of 2.", enrolled.Text, StringComparison.Ordinal);
        var waiting = await alice.OpenAsync("/en/admin/keys");
        Assert.Contains(DigitalResistance.Transparency.SshPublicKey.Parse(key.PublicLine).Fingerprint, waiting.Text, StringComparison.Ordinal);
        var motion = await app.AskAsync(db => db.Set<KeyMotion>().Select(m => m.Id.ToString()).SingleAsync());
        var confirmed = await alice.Browser.SubmitAsync(waiting, "name=\"ConfirmCode\"", ("Motion", motion), ("ConfirmCode", alice.NextCode()));
        Assert.Contains("The key is enrolled.", confirmed.Text, StringComparison.Ordinal);

        var operatorPerson = await app.NewPersonAsync();
        using var browser = app.NewVisitor();
        await browser.SignInAsync(operatorPerson);
        var payout = await browser.SubmitAsync(await browser.OpenAsync("/en/my/payout"), "name=\"Address\"", ("Address", RoundPagesTests.Address));
        Assert.Contains("The address is saved.", payout.Text, StringComparison.Ordinal);
        app.Scores.Add(new ServerScore(Guid.NewGuid(), operatorPerson.Id, 995_000, 6, 700));

        // Draft: nobody else can see it.
        var form = await alice.OpenAsync("/en/admin/rounds/edit");
        var draft = await alice.Browser.SubmitAsync(form, "Input.Budget", RoundPagesTests.Terms("2025-06-01T00:00", "2025-06-02T00:00"));
        var number = int.Parse(draft.Path.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(404, (await browser.GetAsync($"/en/rounds/{number}")).Status);

        var open = await alice.Browser.SubmitAsync(draft, "Announce the round");
        Assert.Contains("The round is announced.", open.Text, StringComparison.Ordinal);
        var frozen = await boris.Browser.SubmitAsync(await boris.OpenAsync($"/en/admin/rounds/{number}"), "Make the scores final");
        Assert.Contains("Dry run", frozen.Text, StringComparison.Ordinal);
        var refused = await boris.Browser.SubmitAsync(frozen, "Compute the amounts", ("Rate.Currency", "USD"), ("Rate.Price", "1.234"), ("Rate.Source", "My Friend"), ("Rate.At", "2999-01-01T00:00"));
        Assert.Equal(422, refused.Status);
        foreach (var mistake in new[] { "at most two decimals", "The source is the name of a site", "has not come yet" }) Assert.Contains(mistake, refused.Text, StringComparison.Ordinal);
        Assert.Contains("<details open", refused.Html, StringComparison.Ordinal);
        var allocated = await boris.Browser.SubmitAsync(frozen, "Compute the amounts", ("Rate.Currency", "USD"), ("Rate.Price", "104 321,55"), ("Rate.Source", "example.org"), ("Rate.At", "2025-07-01T09:30"));
        Assert.Contains("The amounts are computed.", allocated.Text, StringComparison.Ordinal);

        var manifest = await browser.Http.GetStringAsync($"/rounds/{number}/manifest.txt");
        Assert.EndsWith("\nrate_currency USD\nrate_minor_per_btc 10432155\nrate_source example.org\nrate_time 2025-07-01T09:30:00Z\n", manifest, StringComparison.Ordinal);
        // The command that the page shows names the file as browsers keep it.
        var saved = (await browser.GetAsync($"/rounds/{number}/manifest.txt")).Response.Content.Headers.ContentDisposition!.FileName!.Trim('"');
        Assert.Contains($"~/.ssh/digital-resistance {saved}</code>", allocated.Html, StringComparison.Ordinal);
        var signature = key.Sign(manifest, Manifest.SignatureNamespace);
        foreach (var language in new[] { "en", "ru" }) await RefusesFilesAsync(boris, $"/{language}/admin/rounds/{number}", key, manifest, language == "ru");
        var first = await boris.Browser.SendFileAsync(allocated, "name=\"Signature\"", "SignatureFile", Encoding.ASCII.GetBytes(signature));
        Assert.Contains("Your approval counts: 1 of 2.", (await boris.OpenAsync(first.Location!)).Text, StringComparison.Ordinal);
        var second = await alice.Browser.SubmitAsync(await alice.OpenAsync($"/en/admin/rounds/{number}"), "name=\"ManifestSha256\"", ("Code", alice.NextCode()));
        Assert.Contains("Enough admins approved", second.Text, StringComparison.Ordinal);

        // The public page, its files and its exports say the same.
        var token = await app.AskAsync(db => db.Set<Grant>().Where(g => g.RoundNumber == number).Select(g => g.Token).SingleAsync());
        var page = await browser.OpenAsync($"/en/rounds/{number}");
        Assert.Contains("gives 1\u202F000\u202F000\u202Fsat to operators", page.Text, StringComparison.Ordinal);
        Assert.Contains("1 operator is paid 500\u202F000\u202Fsat", page.Text, StringComparison.Ordinal);
        Assert.Contains("2 of 2 needed: 1 by SSH signature, 1 signed in.", page.Text, StringComparison.Ordinal);
        Assert.Contains($"<td><code>{token}</code></td><td class=\"num\">700</td><td class=\"num\"><data value=\"500000\"", page.Html, StringComparison.Ordinal);
        Assert.Equal($"token,weight,amount_sat\n{token},700,500000\n", await browser.Http.GetStringAsync($"/rounds/{number}/rows.csv"));
        Assert.Equal($$"""{"round":{{number}},"revision":1,"rows":[{"token":"{{token}}","weight":700,"amount_sat":500000}]}""", await browser.Http.GetStringAsync($"/rounds/{number}/rows.json"));
        foreach (var (line, file) in new[] { ("policy", "policy.json"), ("scores", "scores.csv"), ("allocation", "allocation.csv") })
            Assert.Contains($"\n{line} sha256:{Convert.ToHexStringLower(SHA256.HashData(await browser.Http.GetByteArrayAsync($"/rounds/{number}/{file}")))}\n", manifest, StringComparison.Ordinal);

        var russian = await browser.OpenAsync($"/ru/rounds/{number}");
        Assert.Contains("1 оператору выплачивается 500\u202F000\u202Fsat", russian.Text, StringComparison.Ordinal);

        // The operator finds the same amount under the same name, and only there the address.
        Assert.Contains(token, (await browser.OpenAsync("/en/my/grants")).Html, StringComparison.Ordinal);
        Assert.Contains(RoundPagesTests.Address, (await browser.OpenAsync($"/en/my/grants/{number}")).Html, StringComparison.Ordinal);
        var payouts = await boris.OpenAsync($"/en/admin/rounds/{number}?handler=Payouts");
        Assert.Equal($"token,amount_sat,address\n{token},500000,{RoundPagesTests.Address}\n", payouts.Html);
        Assert.Contains($"\npayouts sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(payouts.Html)))}\n", manifest, StringComparison.Ordinal);
        Assert.NotEqual(200, (await browser.GetAsync($"/en/admin/rounds/{number}?handler=Payouts")).Status);
        using var stranger = app.NewVisitor();
        foreach (var path in new[] { $"/en/rounds/{number}", "/en/rounds", $"/rounds/{number}/rows.csv", $"/rounds/{number}/rows.json", $"/rounds/{number}/manifest.txt", $"/rounds/{number}/allocation.csv", $"/rounds/{number}/scores.csv" })
        {
            var seen = await stranger.OpenAsync(path);
            Assert.Equal(200, seen.Status);
            Assert.DoesNotContain(RoundPagesTests.Address, seen.Html, StringComparison.Ordinal);
            Assert.DoesNotContain(operatorPerson.Id.ToString(), seen.Html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(operatorPerson.AccountId, seen.Html, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static async Task RefusesFilesAsync(Admin admin, string path, TestSshKey key, string manifest, bool inRussian)
    {
        var (unreadable, doesNotFit, otherPurpose, tooLarge) = inRussian
            ? ("Это не подпись, какую пишет ssh-keygen.", "Подпись не от этого манифеста.", "Подпись сделана для другой цели", "Слишком большой объём")
            : ("This is no signature as ssh-keygen writes it.", "The signature is not over this manifest.", "The signature was made for another purpose", "This is too large");
        var page = await admin.OpenAsync(path);
        var signature = Encoding.ASCII.GetBytes(key.Sign(manifest, Manifest.SignatureNamespace));
        foreach (var (file, status, words) in new[]
        {
            (Encoding.ASCII.GetBytes(key.Sign(manifest + " ", Manifest.SignatureNamespace)), 422, doesNotFit),
            (Encoding.ASCII.GetBytes(key.Sign(manifest, "digital-resistance-move")), 422, otherPurpose),
            (Encoding.ASCII.GetBytes(TestSshKey.Create("ssh-ed25519").Sign(manifest, Manifest.SignatureNamespace)), 422, "SHA256:"),
            ([], 422, unreadable), (signature[..^40], 422, unreadable), (RandomNumberGenerator.GetBytes(2_000), 422, unreadable), ([0xff, 0xfe, 0x00, .. signature], 422, unreadable),
            // A good one at the head of a long file, and a file that the page does not even read.
            ([.. signature, .. new byte[20_000]], 422, unreadable), ([.. signature, .. new byte[200_000]], 413, tooLarge),
        })
        {
            var answer = await admin.Browser.SendFileAsync(page, "name=\"Signature\"", "SignatureFile", file);
            Assert.Equal(status, answer.Status);
            Assert.Contains(words, answer.Text, StringComparison.Ordinal);
        }
    }
}
