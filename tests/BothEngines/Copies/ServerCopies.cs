using DigitalResistance.Servers;

namespace DigitalResistance.Testing.Copies;

/// <summary>What operators do with their servers, and what the servers do.</summary>
internal static class ServerCopies
{
    private const string One = "/my/servers/{id:guid}";

    private static int _ports = 20_000;
    private static int _machines;

    public static IReadOnlyList<CopiesCase> Cases { get; } =
    [
        new("/my/servers/new", async app => await Occasion.FormAsync((await OwnerAsync(app)).Browser, "/en/my/servers/new?protocol=socks5", "Input.Host", ("Input.Label", "mine"), ("Input.Host", "127.0.0.9"), ("Input.Port", "1080"))),
        new(One + "/edit", app => AtAsync(app, "/edit", "Input.Host", ("Input.Label", "yours")), IsSingle: true),
        new(One + "/retire", app => AtAsync(app, "/retire", "Input.Sure", ("Input.Sure", "true")), IsSingle: true),
        new(One + "?handler=Renew", app => AtAsync(app, "", "handler=Renew")),
        new(One + "?handler=Prove", app => AtAsync(app, "", "handler=Prove")),
        new(One + "?handler=Test", async app =>
        {
            var (owner, id) = await ServerAsync(app);
            await CallHomeAsync(app, owner, id);
            return await Occasion.FormAsync(owner.Browser, $"/en/my/servers/{id}", "handler=Test");
        }),
        new(One + "?handler=Measure", async app =>
        {
            var (owner, id) = await ServerAsync(app);
            await CallHomeAsync(app, owner, id);
            return await Occasion.FormAsync(owner.Browser, $"/en/my/servers/{id}", "handler=Measure");
        }),
        new("POST /api/v1/heartbeat", async app =>
        {
            var (owner, id) = await ServerAsync(app);
            var token = await TokenAsync(app, owner, id);
            // Without a key on purpose: repeating it is what servers do.
            return new Occasion(app.NewVisitor(), _ => Call(token));
        }, IsSingle: true, Renews: true),
        new("PUT /api/v1/opt-out", app =>
        {
            var machine = $"127.0.2.{Interlocked.Increment(ref _machines)}";
            return Task.FromResult(new Occasion(app.NewVisitor(), _ =>
            {
                var call = new HttpRequestMessage(HttpMethod.Put, "/api/v1/opt-out");
                call.Headers.Add("X-Forwarded-For", machine);
                return call;
            }));
        }, IsSingle: true, Renews: true),
    ];

    private static async Task<Occasion> AtAsync(CopiesApp app, string page, string mark, params (string Name, string Value)[] values)
    {
        var (owner, id) = await ServerAsync(app);
        return await Occasion.FormAsync(owner.Browser, $"/en/my/servers/{id}{page}", mark, values);
    }

    private static Task<Member> OwnerAsync(CopiesApp app) => app.MemberAsync(DigitalResistance.Accounts.Roles.Operator, hasCodes: false);

    // Nothing listens there: what is asked of it fails at once.
    private static async Task<(Member Owner, Guid Id)> ServerAsync(CopiesApp app)
    {
        var owner = await OwnerAsync(app);
        var port = Interlocked.Increment(ref _ports);
        return (owner, Assert.IsType<RegistrationResult.Registered>(await app.In((ServerRegistration act) => act.RegisterAsync(owner.Person.Id, Registry.Form(port, "127.0.0.9"), default))).Id);
    }

    private static async Task<string> TokenAsync(CopiesApp app, Member owner, Guid id) =>
        (await app.In((OwnServers servers) => servers.FindAsync(owner.Person.Id, id, default)))!.Challenge.HeartbeatToken(id);

    private static async Task CallHomeAsync(CopiesApp app, Member owner, Guid id)
    {
        var token = await TokenAsync(app, owner, id);
        Assert.Equal(HeartbeatResult.Listed, await app.In((Heartbeat act) => act.AcceptAsync(token, System.Net.IPAddress.Parse("127.0.0.9"), default)));
    }

    private static HttpRequestMessage Call(string token)
    {
        var call = new HttpRequestMessage(HttpMethod.Post, "/api/v1/heartbeat") { Content = new FormUrlEncodedContent([KeyValuePair.Create("token", token)]) };
        call.Headers.Add("X-Forwarded-For", "127.0.0.9");
        return call;
    }
}
