namespace DigitalResistance.Tests.Web;

/// <summary>Logs say what happened, never who asked or for which secret.</summary>
public sealed class LogTests(WebApp app)
{
    [Fact]
    public async Task A_request_is_logged_by_its_template_without_path_query_or_address()
    {
        using var visitor = app.NewVisitor();
        visitor.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.77");
        visitor.Http.DefaultRequestHeaders.UserAgent.ParseAdd("PlantedBrowser/1.0");
        await visitor.GetAsync("/en/account/new/PLANTED-CODE?planted=query");
        await visitor.GetAsync("/en/planted/nothing");
        Assert.Contains(app.Log, line => line.Contains("/{language}/account/new/{code?}", StringComparison.Ordinal));
        Assert.DoesNotContain(app.Log, line => line.Contains("planted", StringComparison.OrdinalIgnoreCase) || line.Contains("203.0.113.77", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_can_forge_a_line()
    {
        using var visitor = app.NewVisitor();
        var form = await visitor.OpenAsync("/en/account/sign-in");
        await visitor.SendAsync(form, "Input.Password", ("Input.AccountId", "x\r\n{\"@l\":\"Fatal\"}\u001b[2J"), ("Input.Password", "p\r\nq"));
        Assert.All(app.Log, line => Assert.DoesNotContain('\n', line.TrimEnd('\n')));
    }

    [Fact]
    public void A_span_loses_what_tells_who_asked_for_what()
    {
        using var activity = new System.Diagnostics.Activity("GET /{language}/d/{token}").Start();
        activity.SetTag("url.path", "/en/d/secret").SetTag("url.query", "?a=b").SetTag("client.address", "203.0.113.77").SetTag("user_agent.original", "x").SetTag("http.route", "/d/{token}");
        using var processor = new DigitalResistance.Web.Hosting.Telemetry.WithoutVisitors();
        processor.OnEnd(activity);
        Assert.Equal(["http.route"], activity.TagObjects.Select(t => t.Key));
    }
}
