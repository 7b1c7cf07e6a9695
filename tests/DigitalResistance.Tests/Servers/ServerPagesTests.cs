using System.Text.RegularExpressions;
using DigitalResistance.Data;
using DigitalResistance.Probing;
using DigitalResistance.Servers;
using DigitalResistance.Tests.Web;
using DigitalResistance.Web.Demo.Proxies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DigitalResistance.Tests.Servers;

/// <summary>An installation whose proxies and canary live on loopback, with slots of a few seconds.</summary>
public class ServersApp : WebApp
{
    protected override IEnumerable<(string Key, string Value)> Settings =>
    [
        ("Dialing:AllowLoopback", "true"), ("Canary:Listen", "127.0.0.1:0"), ("Probing:TlsTargets", "none"), ("Probing:Telegram", "none"), ("Servers:MostUnprovenPerAccount", "100"),
        ("Servers:AttemptsPerMinute", "1000"), ("Servers:AttemptsPerAccountAndDay", "1000"),
    ];

    private static readonly SemaphoreSlim One = new(1);
    private CanaryHost? _canary;

    /// <summary>The canary, which only a process that works would start.</summary>
    public async Task StartCanaryAsync()
    {
        _ = Origin;
        await One.WaitAsync();
        if (_canary is null)
        {
            _canary = ActivatorUtilities.CreateInstance<CanaryHost>(Services);
            await _canary.StartAsync(CancellationToken.None);
        }

        One.Release();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_canary is not null) await _canary.DisposeAsync();
        await base.DisposeAsync();
    }

    public static DemoProxyHandle StartProxy() => new();
}

/// <summary>A real proxy on loopback.</summary>
public sealed class DemoProxyHandle : IAsyncDisposable
{
    internal DemoProxy Proxy { get; } = new(new Socks5Handshake(), TimeSpan.FromSeconds(1), TimeProvider.System, NullLogger.Instance);

    public ValueTask DisposeAsync() => Proxy.DisposeAsync();
}

public sealed partial class ServerPagesTests(ServersApp app) : IClassFixture<ServersApp>
{
    [Theory]
    [InlineData("en", "Encryption around it", "Id (UUID)")]
    [InlineData("ru", "Шифрование снаружи", "Идентификатор (UUID)")]
    public async Task An_operator_registers_a_server_whose_choices_depend_on_one_another_and_proves_it_by_a_minted_id(string language, string encryption, string id)
    {
        await app.StartCanaryAsync();
        var minted = Guid.Empty;
        await using var server = new Prober.ScriptedServer((stream, stop) => Prober.VlessServer.ServeAsync(stream, minted, stop));
        using var visitor = await SignedInAsync();
        var form = await visitor.OpenAsync($"/{language}/my/servers/new?protocol=vless");
        Assert.Contains(encryption, form.Html, StringComparison.Ordinal);
        var own = Guid.NewGuid();

        // Without script every choice is sent, those too that do not apply.
        var page = await visitor.SubmitAsync(form, "Input.Host", ("Input.Label", "cellar"), ("Input.Host", "127.0.0.1"), ("Input.Port", $"{server.Port}"),
            ("Input.Settings[id]", $"{own}"), ("Input.Settings[security]", "none"));
        Assert.Contains("cellar", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain($"{own}", page.Html, StringComparison.Ordinal);
        var shown = Regex.Match(page.Html, $"<dt>{Regex.Escape(System.Net.WebUtility.HtmlEncode(id))}</dt><dd><code>([0-9a-f-]{{36}})</code>");
        Assert.True(shown.Success, page.Html);
        minted = Guid.Parse(shown.Groups[1].Value);
        var proven = await visitor.SubmitAsync(page, "value=\"InProtocol\"");
        Assert.DoesNotContain("notice warning", proven.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "Measured", "Traffic went through and came back.", "Traffic left from", "Throughput")]
    [InlineData("ru", "Измеряется", "Трафик прошёл насквозь и вернулся.", "Трафик вышел с адреса", "Скорость")]
    public async Task An_operator_registers_proves_and_tests_a_server_without_script(string language, string state, string carried, string left, string speed)
    {
        await app.StartCanaryAsync();
        await using var handle = ServersApp.StartProxy();
        handle.Proxy.Users.Add("own", "own-secret");
        using var visitor = await SignedInAsync();
        Assert.Equal(200, (await visitor.OpenAsync($"/{language}/my/servers")).Status);
        var form = await visitor.OpenAsync($"/{language}/my/servers/new?protocol=socks5");
        var page = await visitor.SubmitAsync(form, "Input.Host", ("Input.Label", "attic"), ("Input.Host", "127.0.0.1"), ("Input.Port", $"{handle.Proxy.Port}"),
            ("Input.Settings[auth]", "password"), ("Input.Settings[username]", "own"), ("Input.Settings[password]", "own-secret"));
        Assert.Contains("attic", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("own-secret", page.Html, StringComparison.Ordinal);

        var wrong = await visitor.SubmitAsync(page, "value=\"InProtocol\"");
        Assert.Contains("notice warning", wrong.Html, StringComparison.Ordinal);
        var challenge = (await OpenAsync(Id(page))).Challenge;
        handle.Proxy.Users.Add(challenge.Minted["username"], challenge.Minted["password"]);
        var proven = await visitor.SubmitAsync(wrong, "value=\"InProtocol\"");
        Assert.Contains(state, proven.Text, StringComparison.Ordinal);
        var tested = await visitor.SubmitAsync(proven, Button("Test", proven));
        Assert.Contains(carried, tested.Text, StringComparison.Ordinal);
        Assert.Contains($"<dt>{System.Net.WebUtility.HtmlEncode(left)}</dt><dd>127.0.0.1 (IPv4)</dd>", tested.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(" (IPv4)", (await visitor.OpenAsync(tested.Path)).Html, StringComparison.Ordinal); // shown once
        var measured = await visitor.SubmitAsync(tested, Button("Measure", tested));
        Assert.Matches($"<dt>{System.Net.WebUtility.HtmlEncode(speed)}</dt><dd>[0-9.,]+ ", measured.Html);
        Assert.Contains("attic", (await visitor.OpenAsync($"/{language}/my/servers")).Html, StringComparison.Ordinal);
        Assert.Equal(200, (await visitor.OpenAsync($"/{language}/my/servers/seen")).Status);
        Assert.Equal(200, (await visitor.OpenAsync($"/{language}/my/servers/{Id(page)}/probes")).Status);
    }

    [Fact]
    public async Task A_server_calls_home_with_one_command()
    {
        using var visitor = await SignedInAsync();
        var page = await RegisterAsync(visitor, "127.0.0.1", "2080");
        var token = Token().Match(page.Html).Groups[1].Value;
        using var server = new HttpClient { BaseAddress = app.Origin };
        Assert.Equal("""{"result":"proven"}""", await CallAsync(token));
        Assert.Contains("Measured", (await visitor.OpenAsync(page.Path)).Text, StringComparison.Ordinal);
        Assert.Contains("\"status\":404", await CallAsync(token[..^1] + (token[^1] == 'a' ? 'b' : 'a')), StringComparison.Ordinal);
        Assert.Contains("\"status\":400", await CallAsync(""), StringComparison.Ordinal);
        // The hop in front tells where the call really came from; nobody else is believed, and nothing of it is kept.
        Assert.Contains("\"status\":409", await CallAsync(token, "203.0.113.99"), StringComparison.Ordinal);
        Assert.DoesNotContain(app.Log, line => line.Contains("203.0.113.99", StringComparison.Ordinal) || line.Contains(token, StringComparison.Ordinal));

        async Task<string> CallAsync(string value, string? from = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/heartbeat") { Content = new FormUrlEncodedContent([KeyValuePair.Create("token", value)]) };
            if (from is not null) request.Headers.Add("X-Forwarded-For", from);
            using var answer = await server.SendAsync(request);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    [Theory]
    [InlineData("Input.Port", "65536", "A port lies between 1 and 65535.", "Порт — от 1 до 65535.")]
    [InlineData("Input.Port", "25", "that we never connect to", "к которым мы не подключаемся")]
    [InlineData("Input.Host", "10.0.0.7", "This address is private or reserved", "Этот адрес частный")]
    [InlineData("Input.Host", "localhost", "This name is not public", "Это имя не публичное")]
    [InlineData("Input.Host", "", "Enter the address or the host name.", "Введите адрес или имя узла.")]
    [InlineData("Input.Label", "", "Give it a name", "Дайте название")]
    [InlineData("Input.Settings[auth]", "password", "Fill in this field.", "Заполните это поле.")]
    public async Task A_mistake_is_told_at_its_field_in_the_readers_language(string field, string value, string english, string russian)
    {
        foreach (var (language, words) in new[] { ("en", english), ("ru", russian) })
        {
            using var visitor = await SignedInAsync();
            var form = await visitor.OpenAsync($"/{language}/my/servers/new?protocol=socks5");
            (string Name, string Value)[] values = [("Input.Label", "attic"), ("Input.Host", "93.184.216.34"), ("Input.Port", "1080"), ("Input.Settings[auth]", "none")];
            var page = await visitor.SendAsync(form, "Input.Host", [.. values.Where(v => v.Name != field), (field, value)]);
            Assert.Equal(422, page.Status);
            Assert.Contains(words, page.Text, StringComparison.Ordinal);
            Assert.Contains("aria-invalid=\"true\"", page.Html, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("en", "Read from the link", "Cipher")]
    [InlineData("ru", "Разобрано по ссылке", "Шифр")]
    public async Task A_pasted_link_fills_the_form_names_what_is_left_out_and_shows_no_secret(string language, string read, string cipher)
    {
        using var visitor = await SignedInAsync();
        var choosing = await visitor.OpenAsync($"/{language}/my/servers/new");
        var form = await visitor.SendAsync(choosing, "name=\"Link\"", ("Link", "ss://aes-256-gcm:very-secret-3@93.184.216.40:8443/?plugin=obfs-local%3Bobfs%3Dhttp%3Bobfs-host%3Dwww.example.com&group=x#me"));
        Assert.Equal(200, form.Status);
        Assert.Contains(read, form.Text, StringComparison.Ordinal);
        Assert.Contains(cipher, form.Text, StringComparison.Ordinal);
        Assert.Contains("<code>group</code>", form.Html, StringComparison.Ordinal);
        Assert.Contains("value=\"93.184.216.40\"", form.Html, StringComparison.Ordinal);
        Assert.Contains("value=\"www.example.com\"", form.Html, StringComparison.Ordinal);
        (string, string)[] chosen = [("Input.Settings[method]", "aes-256-gcm"), ("Input.Settings[plugin]", "obfs-http")];
        Assert.All(chosen, choice => Assert.Matches($"selected=\"selected\" value=\"{choice.Item2}\"", form.Html));
        Assert.DoesNotContain("very-secret-3", form.Html, StringComparison.Ordinal);

        // A mistake elsewhere does not lose it.
        var refused = await visitor.SendAsync(form, "Input.Host", [.. chosen, ("Input.Label", "")]);
        Assert.Equal(422, refused.Status);
        var page = await visitor.SubmitAsync(refused, "Input.Host", [.. chosen, ("Input.Label", "linked")]);
        var kept = (await OpenAsync(Id(page))).Endpoint;
        Assert.Equal(("very-secret-3", "aes-256-gcm", "obfs-http", 8443), (kept.Settings["password"], kept.Settings["method"], kept.Settings["plugin"], kept.Port));
    }

    [Theory]
    [InlineData("hello", "This is no link")]
    [InlineData("gopher://example.net", "Links of the kind “gopher”")]
    [InlineData("ss://rc4-md5:very-secret-4@proxy.example.net:8388", "Cipher: Choose one of the values.")]
    [InlineData("ss://aes-256-gcm:very-secret-4@127.1:8388", "")]
    [InlineData("ss://aes-256-gcm:very-secret-4@proxy.example.net:25", "")]
    public async Task A_link_that_cannot_be_read_says_why_and_keeps_its_secret(string link, string says)
    {
        using var visitor = await SignedInAsync();
        var page = await visitor.SendAsync(await visitor.OpenAsync("/en/my/servers/new"), "name=\"Link\"", ("Link", link));
        Assert.Equal(422, page.Status);
        Assert.Contains(says, page.Text, StringComparison.Ordinal);
        Assert.Contains("aria-invalid=\"true\"", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_sealed_for_somebody_else_opens_nothing()
    {
        using var alice = await SignedInAsync();
        using var mallory = await SignedInAsync();
        var read = await alice.SendAsync(await alice.OpenAsync("/en/my/servers/new"), "name=\"Link\"", ("Link", "ss://aes-256-gcm:very-secret-5@93.184.216.41:8443"));
        var sealedSecrets = Regex.Match(read.Html, "name=\"Input.Sealed\" value=\"([^\"]+)\"").Groups[1].Value;
        Assert.NotEmpty(sealedSecrets);
        var form = await mallory.OpenAsync("/en/my/servers/new?protocol=shadowsocks");
        (string, string)[] values = [("Input.Label", "mine"), ("Input.Host", "93.184.216.42"), ("Input.Port", "8388"), ("Input.Sealed", sealedSecrets)];
        Assert.Equal(422, (await mallory.SendAsync(form, "Input.Host", values)).Status);
    }

    [Fact]
    public async Task A_secret_is_never_sent_back()
    {
        using var visitor = await SignedInAsync();
        var form = await visitor.OpenAsync("/en/my/servers/new?protocol=socks5");
        (string, string)[] values = [("Input.Label", "attic"), ("Input.Host", "93.184.216.34"), ("Input.Settings[auth]", "password"), ("Input.Settings[username]", "u"), ("Input.Settings[password]", "very-secret-1")];
        var refused = await visitor.SendAsync(form, "Input.Host", [.. values, ("Input.Port", "0")]);
        Assert.Equal(422, refused.Status);
        Assert.DoesNotContain("very-secret-1", refused.Html, StringComparison.Ordinal);
        var page = await visitor.SubmitAsync(refused, "Input.Host", [.. values, ("Input.Port", "1080")]);
        var edit = await visitor.OpenAsync(page.Path + "/edit");
        Assert.DoesNotContain("very-secret-1", page.Html + edit.Html, StringComparison.Ordinal);
        var saved = await visitor.SubmitAsync(edit, "Input.Version", ("Input.Label", "cellar"), ("Input.Settings[auth]", "password"));
        Assert.Contains("cellar", saved.Html, StringComparison.Ordinal);
        Assert.Equal("very-secret-1", (await OpenAsync(Id(page))).Endpoint.Settings["password"]);
    }

    [Theory]
    [InlineData("en", "What you entered", "What is stored now", "a new one")]
    [InlineData("ru", "Что ввели вы", "Что сохранено сейчас", "новый")]
    public async Task Whoever_saves_second_sees_both_versions_and_no_secret(string language, string yours, string now, string typed)
    {
        using var visitor = await SignedInAsync();
        var page = await RegisterAsync(visitor, language == "en" ? "93.184.216.37" : "93.184.216.38", "1080");
        var edit = $"/{language}{page.Path[page.Path.IndexOf("/my/", StringComparison.Ordinal)..]}/edit";
        var (first, second) = (await visitor.OpenAsync(edit), await visitor.OpenAsync(edit));
        Assert.Equal(302, (await visitor.SendAsync(first, "Input.Version", ("Input.Label", "cellar"))).Status);
        var late = await visitor.SendAsync(second, "Input.Version", ("Input.Label", "roof"), ("Input.Settings[auth]", "password"), ("Input.Settings[username]", "u"), ("Input.Settings[password]", "very-secret-2"));
        Assert.Equal(409, late.Status);
        Assert.Contains($"<td data-label=\"{yours}\"><strong>roof</strong></td>", late.Html, StringComparison.Ordinal);
        Assert.Contains($"<td data-label=\"{now}\"><strong>cellar</strong></td>", late.Html, StringComparison.Ordinal);
        Assert.Contains($"<strong>{typed}", late.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret-2", late.Html, StringComparison.Ordinal);
        Assert.Equal("cellar", (await OpenAsync(Id(page))).Server.Label);
        Assert.Equal(302, (await visitor.SendAsync(late, "Input.Version", ("Input.Settings[auth]", "password"), ("Input.Settings[password]", "very-secret-2"))).Status);
        Assert.Equal("roof", (await OpenAsync(Id(page))).Server.Label);
    }

    [Fact]
    public async Task A_form_sent_twice_registers_one_server()
    {
        using var visitor = await SignedInAsync();
        var form = await visitor.OpenAsync("/en/my/servers/new?protocol=socks5");
        (string, string)[] values = [("Input.Label", "twice"), ("Input.Host", "93.184.216.36"), ("Input.Port", "1080")];
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => visitor.SendAsync(form, "Input.Host", values)));
        Assert.Single(answers.Select(a => (a.Status, a.Location)).Distinct());
        Assert.Equal(1, await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Server>().CountAsync(s => s.Label == "twice")));
    }

    [Fact]
    public async Task Somebody_elses_server_and_none_at_all_look_the_same()
    {
        using var alice = await SignedInAsync();
        using var mallory = await SignedInAsync();
        var page = await RegisterAsync(alice, "93.184.216.37", "1080");
        var (theirs, none) = (Id(page), Guid.NewGuid());
        foreach (var path in new[] { "", "/edit", "/retire", "/probes" })
        {
            var (a, b) = (await mallory.GetAsync($"/en/my/servers/{theirs}{path}"), await mallory.GetAsync($"/en/my/servers/{none}{path}"));
            Assert.Equal((404, Normal(b.Html)), (a.Status, Normal(a.Html)));
        }

        var own = await RegisterAsync(mallory, "93.184.216.38", "1080");
        foreach (var (handler, fields) in new (string, (string, string)[])[] { ("?handler=Test", []), ("?handler=Prove", [("way", "DnsRecord")]), ("?handler=Renew", []), ("/edit", []), ("/retire", [("Input.Sure", "true")]) })
        {
            var answers = new List<(int, string)>();
            foreach (var id in new[] { theirs, none })
            {
                var request = Visitor.Request(own with { Path = $"/en/my/servers/{id}{handler}" }, Button("Renew", own), fields);
                request.RequestUri = new Uri($"/en/my/servers/{id}{handler}", UriKind.Relative);
                var answer = await Page.ReadAsync("", await mallory.Http.SendAsync(request));
                answers.Add((answer.Status, Normal(answer.Html)));
            }

            Assert.Equal(404, answers[0].Item1);
            Assert.Equal(answers[0], answers[1]);
        }

        Assert.Equal(200, (await alice.GetAsync(page.Path)).Status);
        Assert.Equal(ServerState.Unproven, await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Server>().Where(s => s.Id == theirs).Select(s => s.State).SingleAsync()));
    }

    [Fact]
    public async Task Retiring_asks_first_and_then_the_server_is_gone()
    {
        using var visitor = await SignedInAsync();
        var page = await RegisterAsync(visitor, "93.184.216.39", "1080");
        var retire = await visitor.OpenAsync(page.Path + "/retire");
        Assert.Equal(422, (await visitor.SendAsync(retire, "Input.Sure")).Status);
        var done = await visitor.SubmitAsync(retire, "Input.Sure", ("Input.Sure", "true"));
        Assert.Contains("The server is retired.", done.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await visitor.GetAsync(page.Path)).Status);
    }

    [Theory]
    [InlineData("en", "1 server", "2 servers", "Show the new place", "Give up the move", "stays where it is", "The server stays here.")]
    [InlineData("ru", "1 сервер", "2 сервера", "Показать новое место", "Отказаться от переезда", "остаётся там, где он есть", "Сервер остаётся здесь.")]
    public async Task A_place_to_move_to_stands_beside_its_server_and_giving_it_up_leaves_the_server(string language, string one, string two, string link, string giveUp, string stays, string done)
    {
        using var visitor = await SignedInAsync();
        var server = Id(await RegisterAsync(visitor, language == "en" ? "93.184.216.41" : "93.184.216.42", "1080"));
        await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Server>().Where(s => s.Id == server).ExecuteUpdateAsync(set => set.SetProperty(s => s.State, ServerState.Proven)));
        var edit = await visitor.OpenAsync($"/{language}/my/servers/{server}/edit");
        Assert.Contains(language == "en" ? "entered beside the old one" : "записывается рядом со старым", edit.Text, StringComparison.Ordinal);
        var place = await visitor.SubmitAsync(edit, "Input.Version", ("Input.Port", "2080"));
        Assert.NotEqual(server, Id(place));

        var list = await visitor.OpenAsync($"/{language}/my/servers");
        Assert.Contains(one, list.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(two, list.Text, StringComparison.Ordinal);
        Assert.Contains(link, list.Text, StringComparison.Ordinal);
        Assert.Contains($"/my/servers/{Id(place)}", list.Html, StringComparison.Ordinal);
        var retire = await visitor.OpenAsync($"/{language}/my/servers/{Id(place)}/retire");
        Assert.Contains(stays, retire.Text, StringComparison.Ordinal);
        var left = await visitor.SubmitAsync(retire, giveUp);
        Assert.Contains(done, left.Text, StringComparison.Ordinal);
        Assert.Equal(server, Id(left));
        Assert.DoesNotContain(link, (await visitor.OpenAsync($"/{language}/my/servers")).Text, StringComparison.Ordinal);
    }

    private async Task<Visitor> SignedInAsync()
    {
        var visitor = app.NewVisitor();
        await visitor.SignInAsync(await app.NewPersonAsync());
        return visitor;
    }

    private static async Task<Page> RegisterAsync(Visitor visitor, string host, string port)
    {
        var form = await visitor.OpenAsync("/en/my/servers/new?protocol=socks5");
        var page = await visitor.SubmitAsync(form, "Input.Host", ("Input.Label", "attic"), ("Input.Host", host), ("Input.Port", port));
        Assert.Equal(200, page.Status);
        return page;
    }

    private Task<OwnServer> OpenAsync(Guid id) => app.InScopeAsync(async services =>
        services.GetRequiredService<OwnServers>().Open(await services.GetRequiredService<MoneyDb>().Set<Server>().SingleAsync(s => s.Id == id))!);

    private static Guid Id(Page page) => Guid.Parse(Guids().Match(page.Path).Value);

    // A form is found by what stands in it; the handlers are told apart by their words.
    private static string Button(string handler, Page page) => page.Forms.First(f => f.Action?.Contains("handler=" + handler, StringComparison.Ordinal) == true).Html;

    /// <summary>A page without what is random in every answer: ids, tokens, keys, instants.</summary>
    private static string Normal(string html) => Random().Replace(Instants().Replace(Guids().Replace(Token().Replace(html, "token"), "ID"), "TIME"), "RANDOM");

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Guids();

    [GeneratedRegex(@"\b[a-z0-9]{24,}\b|[A-Za-z0-9_-]{80,}|(?<=<code>|-u )[a-z]{2}[a-z0-9]{9}\b")]
    private static partial Regex Random();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d[T ][\d:]+(Z|\u00a0UTC)?")]
    private static partial Regex Instants();

    [GeneratedRegex("token=([0-9a-z]{64})")]
    private static partial Regex Token();
}
