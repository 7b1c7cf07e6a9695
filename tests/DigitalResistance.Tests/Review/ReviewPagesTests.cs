using System.Net;
using DigitalResistance.Ledger;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Tests.Rounds;
using DigitalResistance.Tests.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Review;

/// <summary>The product with an hour to object.</summary>
public sealed class ReviewApp() : RoundsApp(objectionSeconds: 3_600);

/// <summary>The review at the pages: admins who decide, operators who object, and the public, in both languages.</summary>
public sealed class ReviewPagesTests(ReviewApp app) : IClassFixture<ReviewApp>, IAsyncLifetime
{
    private Admin _alice = null!;
    private Admin _boris = null!;
    private Person _ada = null!;
    private Person _bob = null!;
    private int _number;

    /// <summary>A frozen round of two operators on one machine.</summary>
    public async ValueTask InitializeAsync()
    {
        (_alice, _boris, _ada, _bob) = (await app.NewAdminAsync(), await app.NewAdminAsync(), await app.NewPersonAsync(), await app.NewPersonAsync());
        await FreezeAsync(_ada.Id, _bob.Id);
    }

    public async ValueTask DisposeAsync()
    {
        // Of two allocated rounds neither could go on.
        await app.InScopeAsync(async services => await services.GetRequiredService<RoundStepBack>().CancelAsync(_number, (await RoundAsync()).Version, CancelReason.Mistake));
        _alice.Dispose();
        _boris.Dispose();
    }

    [Theory]
    [InlineData("en", "Takes part", "same machine A", "servers: 1", "30 days", "50 %", "Autonomous systems are not known here")]
    [InlineData("ru", "Участвует", "одна машина A", "серверов: 1", "30 дней", "50 %", "Автономные системы здесь неизвестны")]
    public async Task Reviewers_see_names_rough_numbers_and_letters_and_nobody_behind_them(string language, params string[] shown)
    {
        var page = await _alice.OpenAsync($"/{language}/admin/rounds/{_number}/review");
        var text = string.Join(' ', page.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace('\u00A0', ' ');
        foreach (var word in shown.Append(await TokenAsync(_ada)).Append(await TokenAsync(_bob)).Append("SOCKS5")) Assert.Contains(word, text, StringComparison.Ordinal);
        foreach (var person in new[] { _ada, _bob, _boris.Person })
        {
            Assert.DoesNotContain(person.AccountId, page.Html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(person.Id.ToString(), page.Html, StringComparison.OrdinalIgnoreCase);
        }

        using var operatorsBrowser = app.NewVisitor();
        await operatorsBrowser.SignInAsync(_ada);
        Assert.Equal(403, (await operatorsBrowser.OpenAsync($"/{language}/admin/rounds/{_number}/review")).Status);
        Assert.Equal(404, (await _alice.OpenAsync($"/{language}/admin/rounds/999/review")).Status);
    }

    [Theory]
    [InlineData("en", "Your payment of round {0} is held", "Servers of several operators are one machine", "You may object once, when the amounts are computed", "Your objection is sent", "Held")]
    [InlineData("ru", "Ваша выплата за раунд {0} задержана", "Серверы нескольких операторов — одна машина", "Возразить можно один раз, когда будут вычислены суммы", "Возражение отправлено", "Выплата задержана")]
    public async Task A_held_operator_is_told_objects_and_is_cleared_by_another_admin(string language, string told, string reason, string later, string sent, string held)
    {
        var review = await _alice.OpenAsync($"/{language}/admin/rounds/{_number}/review");
        Assert.Equal(302, (await DecideAsync(_alice, review, "Held", "SameMachine", _ada)).Status);
        Assert.Equal(1, await EntriesAsync("operator.held"));

        using var ada = app.NewVisitor();
        await ada.SignInAsync(_ada);
        var home = await ada.OpenAsync($"/{language}/my");
        Assert.Contains(string.Format(System.Globalization.CultureInfo.InvariantCulture, told, _number), home.Text, StringComparison.Ordinal);
        var grant = await ada.OpenAsync($"/{language}/my/grants/{_number}");
        Assert.Contains(reason, grant.Text, StringComparison.Ordinal);
        Assert.Contains(later, grant.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Objecting\"", grant.Html, StringComparison.Ordinal);
        // The public reads it without an account.
        using var anybody = app.NewVisitor();
        Assert.Contains($"{held} ", (await anybody.OpenAsync($"/{language}/rounds/{_number}")).Text, StringComparison.Ordinal);

        await AllocateAsync();
        grant = await ada.OpenAsync($"/{language}/my/grants/{_number}");
        var answer = await ada.SubmitAsync(grant, "name=\"Objecting\"", ("Objecting", "kanareika <b>текст</b>"));
        Assert.Contains(sent, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Objecting\"", answer.Html, StringComparison.Ordinal);

        var hers = await _alice.OpenAsync($"/{language}/admin/rounds/{_number}/review");
        Assert.Contains("kanareika <b>текст</b>", hers.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Judged\"", hers.Html, StringComparison.Ordinal);
        foreach (var page in new[] { $"/{language}/admin/rounds/{_number}", $"/{language}/admin" })
            Assert.Contains(language == "en" ? "Objections that are not decided: 1" : "Нерассмотренных возражений: 1", (await _alice.OpenAsync(page)).Text, StringComparison.Ordinal);
        // The other admins of this site may judge too, and two must agree.
        using var clara = await app.NewAdminAsync();
        foreach (var judge in new[] { _boris, clara })
        {
            var his = await judge.OpenAsync($"/{language}/admin/rounds/{_number}/review");
            Assert.Equal(302, (await judge.Browser.SendAsync(his, "name=\"Verdict\"", ("Judged", await TokenAsync(_ada)), ("Verdict", "Upheld"), ("JudgeCode", judge.NextCode()))).Status);
        }

        Assert.Equal((1, 1), (await EntriesAsync("objection.decided"), await EntriesAsync("operator.cleared")));
        Assert.Equal(RoundState.Frozen, (await RoundAsync()).State);
        Assert.DoesNotContain(string.Format(System.Globalization.CultureInfo.InvariantCulture, told, _number), (await ada.OpenAsync($"/{language}/my")).Text, StringComparison.Ordinal);
        Assert.Contains(language == "en" ? "It was upheld" : "Оно удовлетворено", (await ada.OpenAsync($"/{language}/my/grants/{_number}")).Text, StringComparison.Ordinal);
        // The bundle holds the weight and the amount, whatever else the log says of the token.
        await app.InScopeAsync(services => services.GetRequiredService<SealingPass>().RunAsync(default));
        var bundle = await ada.OpenAsync($"/{language}/my/grants/{_number}/bundle");
        Assert.Equal((200, 1), (bundle.Status, DigitalResistance.Transparency.ProofBundle.Parse(System.Text.Encoding.UTF8.GetBytes(bundle.Html)).Proofs.Count));
    }

    [Theory]
    [InlineData("en", "The time to object ended at", "You have objected in this round already", "You are neither held nor excluded", "at most 1000 fit", "Write why")]
    [InlineData("ru", "Срок для возражений кончился", "В этом раунде вы уже возражали", "вас не задержали и не исключили", "не больше 1000", "Напишите, почему")]
    public async Task A_late_a_second_a_needless_a_long_and_an_empty_objection_are_refused_with_words_of_their_own(string language, string late, string second, string needless, string tooLong, string empty)
    {
        await DecideAsync(_alice, await _alice.OpenAsync($"/en/admin/rounds/{_number}/review"), "Excluded", "SameMachine", _ada, _bob);
        await AllocateAsync();
        using var ada = app.NewVisitor();
        using var bob = app.NewVisitor();
        await ada.SignInAsync(_ada);
        await bob.SignInAsync(_bob);
        var (hers, his) = (await ada.OpenAsync($"/{language}/my/grants/{_number}"), await bob.OpenAsync($"/{language}/my/grants/{_number}"));

        var refused = await ada.SendAsync(hers, "name=\"Objecting\"", ("Objecting", new string('ж', 1001)));
        Assert.Equal(422, refused.Status);
        Assert.Contains(tooLong, refused.Text, StringComparison.Ordinal);
        Assert.Contains(empty, (await ada.SendAsync(hers, "name=\"Objecting\"", ("Objecting", " "))).Text, StringComparison.Ordinal);
        Assert.Equal(302, (await ada.SendAsync(hers, "name=\"Objecting\"", ("Objecting", "no"))).Status);
        refused = await ada.SendAsync(await ada.OpenAsync($"/{language}/my/grants/{_number}") with { Html = hers.Html.Replace(KeyOf(hers), Guid.NewGuid().ToString("N"), StringComparison.Ordinal) }, "name=\"Objecting\"", ("Objecting", "no, again"));
        Assert.Equal(409, refused.Status);
        Assert.Contains(second, refused.Text, StringComparison.Ordinal);

        app.Time.Advance(TimeSpan.FromHours(1));
        refused = await bob.SendAsync(his, "name=\"Objecting\"", ("Objecting", "in vain"));
        Assert.Equal(409, refused.Status);
        Assert.Contains(late, refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<textarea", (await bob.OpenAsync($"/{language}/my/grants/{_number}")).Html, StringComparison.Ordinal);
        Assert.Equal(1, await EntriesAsync("objection.raised"));
        // And no round is approved while one is open.
        var round = await _boris.OpenAsync($"/{language}/admin/rounds/{_number}");
        var approval = await _boris.Browser.SendAsync(round, "name=\"ManifestSha256\"", ("Code", _boris.NextCode()));
        Assert.Equal(409, approval.Status);
        Assert.Contains(language == "en" ? "Objections that are not decided yet: 1" : "Нерассмотренных возражений: 1. До решения", approval.Text, StringComparison.Ordinal);

        await DecideAsync(_alice, await _alice.OpenAsync($"/en/admin/rounds/{_number}/review"), "Eligible", "Mistake", _bob);
        await AllocateAsync();
        refused = await bob.SendAsync(his with { Html = his.Html.Replace(KeyOf(his), Guid.NewGuid().ToString("N"), StringComparison.Ordinal) }, "name=\"Objecting\"", ("Objecting", "needless"));
        Assert.Contains(needless, refused.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "You own {0}, or an operator that shares something with it", "Yours, or shares something with yours")]
    [InlineData("ru", "{0} — ваш оператор или связан с вашим", "Ваш или связан с вашим")]
    public async Task An_admin_who_owns_a_held_operator_sees_no_box_and_is_refused_without_it(string language, string refusal, string shown)
    {
        await app.InScopeAsync(async services => await services.GetRequiredService<RoundStepBack>().CancelAsync(_number, (await RoundAsync()).Version, CancelReason.Mistake));
        await FreezeAsync(_boris.Person.Id, _ada.Id);
        await DecideAsync(_alice, await _alice.OpenAsync($"/en/admin/rounds/{_number}/review"), "Held", "SameMachine", _boris.Person);

        var page = await _boris.OpenAsync($"/{language}/admin/rounds/{_number}/review");
        Assert.Contains(shown, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Chosen\"", page.Html, StringComparison.Ordinal);
        foreach (var person in new[] { _boris.Person, _ada })
        {
            var refused = await DecideAsync(_boris, await _boris.OpenAsync($"/{language}/admin/rounds/{_number}/review"), "Eligible", "Mistake", person);
            Assert.Equal(403, refused.Status);
            Assert.Contains(string.Format(System.Globalization.CultureInfo.InvariantCulture, refusal, await TokenAsync(person)), refused.Text, StringComparison.Ordinal);
        }

        Assert.Equal(0, await EntriesAsync("operator.cleared"));
    }

    [Fact]
    public async Task Of_two_admins_who_decide_at_once_about_one_operator_one_does_it_and_the_other_is_told()
    {
        var (hers, his) = (await _alice.OpenAsync($"/en/admin/rounds/{_number}/review"), await _boris.OpenAsync($"/ru/admin/rounds/{_number}/review"));
        var chosen = $"{await TokenAsync(_ada)}:Eligible";
        var (herCode, hisCode) = (_alice.NextCode(), _boris.NextCode());
        var answers = await Task.WhenAll(
            Task.Run(() => _alice.Browser.SendAsync(hers, "name=\"Outcome\"", ("Chosen", chosen), ("Outcome", "Held"), ("Reason", "SameMachine"), ("Code", herCode))),
            Task.Run(() => _boris.Browser.SendAsync(his, "name=\"Outcome\"", ("Chosen", chosen), ("Outcome", "Excluded"), ("Reason", "SameMachine"), ("Code", hisCode))));
        Assert.Equal([302, 409], answers.Select(a => a.Status).Order());
        Assert.Contains(answers[0].Status == 409 ? "Nothing was done by you" : "Вами ничего не сделано", answers.Single(a => a.Status == 409).Text, StringComparison.Ordinal);
        Assert.Equal(1, await EntriesAsync("operator.held") + await EntriesAsync("operator.excluded"));
    }

    [Fact]
    public async Task Of_two_admins_who_decide_at_once_about_two_operators_both_do_it()
    {
        var (hers, his) = (await _alice.OpenAsync($"/en/admin/rounds/{_number}/review"), await _boris.OpenAsync($"/ru/admin/rounds/{_number}/review"));
        var (ada, bob, herCode, hisCode) = (await TokenAsync(_ada), await TokenAsync(_bob), _alice.NextCode(), _boris.NextCode());
        var answers = await Task.WhenAll(
            Task.Run(() => _alice.Browser.SendAsync(hers, "name=\"Outcome\"", ("Chosen", $"{ada}:Eligible"), ("Outcome", "Held"), ("Reason", "SameMachine"), ("Code", herCode))),
            Task.Run(() => _boris.Browser.SendAsync(his, "name=\"Outcome\"", ("Chosen", $"{bob}:Eligible"), ("Outcome", "Excluded"), ("Reason", "SameSecret"), ("Code", hisCode))));
        Assert.All(answers, a => Assert.Equal(302, a.Status));
        Assert.Equal((1, 1), (await EntriesAsync("operator.held"), await EntriesAsync("operator.excluded")));
    }

    [Theory]
    [InlineData("en", "Operators who wait for review: 1", "Operators who still wait for reviewers: 1", "Was held or excluded when last decided about")]
    [InlineData("ru", "Ждут проверки: 1", "Ждут решения проверяющих: 1", "В прошлый раз был задержан или исключён")]
    public async Task Who_was_held_the_last_time_waits_with_a_flag_and_nothing_is_allocated_before(string language, string waiting, string refusal, string flag)
    {
        await DecideAsync(_alice, await _alice.OpenAsync($"/en/admin/rounds/{_number}/review"), "Held", "SameMachine", _ada);
        await app.InScopeAsync(async services => await services.GetRequiredService<RoundStepBack>().CancelAsync(_number, (await RoundAsync()).Version, CancelReason.Mistake));
        await FreezeAsync(_ada.Id, _bob.Id);

        var page = await _alice.OpenAsync($"/{language}/admin/rounds/{_number}");
        Assert.Contains(waiting, page.Text, StringComparison.Ordinal);
        var refused = await _alice.Browser.SendAsync(page, "name=\"Rate.Currency\"");
        Assert.Equal(409, refused.Status);
        Assert.Contains(refusal, refused.Text, StringComparison.Ordinal);
        var review = await _alice.OpenAsync($"/{language}/admin/rounds/{_number}/review?show=Pending");
        Assert.Contains(flag, review.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(await TokenAsync(_bob), review.Text, StringComparison.Ordinal);
        using var ada = app.NewVisitor();
        await ada.SignInAsync(_ada);
        Assert.Contains(language == "en" ? "Admins have not looked" : "Администраторы ещё не смотрели", (await ada.OpenAsync($"/{language}/my/grants/{_number}")).Text, StringComparison.Ordinal);
        Assert.Equal(302, (await DecideAsync(_alice, review, "Eligible", "", _ada)).Status);
        await AllocateAsync();
    }

    [Fact]
    public async Task A_decision_needs_a_fresh_code_somebody_chosen_and_a_reason()
    {
        var page = await _alice.OpenAsync($"/en/admin/rounds/{_number}/review");
        var chosen = ("Chosen", $"{await TokenAsync(_ada)}:Eligible");
        var refused = await _alice.Browser.SendAsync(page, "name=\"Outcome\"", chosen, ("Outcome", "Held"), ("Reason", "SameMachine"), ("Code", ""));
        Assert.Equal(422, refused.Status);
        Assert.Contains("The code is wrong or was used already.", refused.Text, StringComparison.Ordinal);
        // What was chosen is still chosen.
        Assert.Matches("value=\"[a-z2-7]{16}:Eligible\" checked", refused.Html);
        refused = await _alice.Browser.SendAsync(page, "name=\"Outcome\"", ("Outcome", "Held"), ("Reason", "SameMachine"), ("Code", _alice.NextCode()));
        Assert.Contains("Choose at least one operator.", refused.Text, StringComparison.Ordinal);
        refused = await _alice.Browser.SendAsync(page, "name=\"Outcome\"", chosen, ("Outcome", "Held"), ("Reason", ""), ("Code", _alice.NextCode()));
        Assert.Contains("Choose a reason that fits", refused.Text, StringComparison.Ordinal);
        refused = await _alice.Browser.SendAsync(page, "name=\"Outcome\"", chosen, ("Outcome", "Eligible"), ("Reason", "Mistake"), ("Code", _alice.NextCode()));
        Assert.Contains("stands so already", refused.Text, StringComparison.Ordinal);
        Assert.Equal(400, (await _alice.Browser.SendAsync(page, "name=\"Outcome\"", ("Chosen", "nonsense"), ("Outcome", "Held"), ("Reason", "SameMachine"), ("Code", _alice.NextCode()))).Status);
        Assert.Equal(0, await EntriesAsync("operator.held"));
    }

    private async Task FreezeAsync(params Guid[] operators)
    {
        app.Scores.Clear();
        app.Traits.Clear();
        app.Scores.AddRange(operators.Select(o => new ServerScore(Guid.NewGuid(), o, 995_000, 6, 5)));
        app.Traits.AddRange(operators.Select(o => new ServerTraits(o, "socks5", 800) { Machines = [7] }));
        _number = await app.OpenRoundAsync(_alice.Person.Id);
        Assert.IsType<RoundResult.Done>(await app.InScopeAsync(async services => await services.GetRequiredService<RoundFreezing>().FreezeAsync(_number, (await RoundAsync()).Version)));
    }

    private async Task<Page> DecideAsync(Admin admin, Page page, string outcome, string reason, params Person[] about)
    {
        List<(string, string)> values = [("Outcome", outcome), ("Reason", reason), ("Code", admin.NextCode())];
        foreach (var person in about)
        {
            var grant = await app.AskAsync(db => db.Set<Grant>().AsNoTracking().SingleAsync(g => g.RoundNumber == _number && g.AccountId == person.Id));
            values.Add(("Chosen", $"{grant.Token}:{grant.Eligibility}"));
        }

        return await admin.Browser.SendAsync(page, "name=\"Outcome\"", [.. values]);
    }

    private async Task AllocateAsync() =>
        Assert.IsType<RoundResult.Done>(await app.InScopeAsync(async services => await services.GetRequiredService<RoundAllocating>().AllocateAsync(_number, (await RoundAsync()).Version)));

    private Task<Round> RoundAsync() => app.AskAsync(db => db.Set<Round>().AsNoTracking().SingleAsync(r => r.Number == _number));

    private Task<string> TokenAsync(Person person) => app.AskAsync(db => db.Set<Grant>().Where(g => g.RoundNumber == _number && g.AccountId == person.Id).Select(g => g.Token).SingleAsync());

    private Task<int> EntriesAsync(string type) => app.AskAsync(db => db.Set<LedgerEntry>().CountAsync(e => e.RoundNumber == _number && e.Type == type));

    private static string KeyOf(Page page) => WebUtility.HtmlDecode(page.Forms.Single(f => f.Html.Contains("name=\"Objecting\"", StringComparison.Ordinal)).Fields.Single(f => f.Name == "_key").Value);
}
