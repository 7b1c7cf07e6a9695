using System.Text.RegularExpressions;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Web;

/// <summary>Forms: nobody else can send them, and each has one effect however often it arrives.</summary>
public sealed class FormTests(WebApp app)
{
    [Fact]
    public async Task A_post_without_the_antiforgery_token_is_refused_by_every_handler_of_every_page()
    {
        var person = await app.NewPersonAsync(Roles.Operator, Roles.Admin, Roles.Treasurer);
        using var visitor = app.NewVisitor();
        await visitor.SignInAsync(person);
        await visitor.SetUpAuthenticatorAsync(app, person);
        var posts = await PostsAsync();
        Assert.True(posts.Count > 10);
        foreach (var path in posts)
        {
            using var content = new FormUrlEncodedContent([KeyValuePair.Create("_key", Guid.NewGuid().ToString())]);
            var page = await Page.ReadAsync(path, await visitor.Http.PostAsync("/en" + path, content));
            Assert.True(page.Status == 400, $"POST {path} without a token was answered with {page.Status}.");
        }
    }

    [Fact]
    public async Task A_form_sent_twenty_times_at_once_makes_one_account_and_gives_twenty_equal_answers()
    {
        await using var alone = new WebApp();
        using var visitor = alone.NewVisitor();
        var form = await visitor.OpenAsync("/en/account/new");
        (string, string)[] values = [("Input.Password", "nineteen copies too many"), ("Input.Again", "nineteen copies too many")];
        // As a browser sends them: all before the first answer, so all with the cookies of that moment.
        using var copies = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = alone.Origin };
        copies.DefaultRequestHeaders.Add("Cookie", visitor.Cookies.GetCookieHeader(alone.Origin));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await Page.ReadAsync(form.Path, await copies.SendAsync(Visitor.Request(form, "Input.Password", values))))));
        Assert.All(answers, answer => Assert.Equal((302, "/en/account/codes"), (answer.Status, answer.Location)));
        Assert.Equal(1, await alone.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Users.CountAsync()));
        // Whichever answer the browser shows: it is signed in, and sees its codes.
        Assert.Single(answers.Select(a => string.Join('\n', a.Response.Headers.GetValues("Set-Cookie").Order())).Distinct());
        using var next = new HttpRequestMessage(HttpMethod.Get, "/en/account/codes");
        copies.DefaultRequestHeaders.Remove("Cookie");
        next.Headers.Add("Cookie", string.Join("; ", answers[7].Response.Headers.GetValues("Set-Cookie").Select(c => c.Split(';')[0])));
        Assert.Contains("shown once", (await Page.ReadAsync("/en/account/codes", await copies.SendAsync(next))).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_form_with_other_values_is_a_conflict_and_without_its_key_not_understood()
    {
        using var visitor = app.NewVisitor();
        var form = await visitor.OpenAsync("/en/account/new");
        Assert.Equal(302, (await visitor.SendAsync(form, "Input.Password", ("Input.Password", "copper kettle morning fog"), ("Input.Again", "copper kettle morning fog"))).Status);
        // Signing in changed the actor; as the same stranger again:
        using var stranger = app.NewVisitor();
        var second = await stranger.OpenAsync("/en/account/new");
        var key = form.Forms[0].Fields.Single(f => f.Name == "_key").Value;
        var conflict = await stranger.SendAsync(second, "Input.Password", ("_key", key), ("Input.Password", "other kettle morning fog"), ("Input.Again", "other kettle morning fog"));
        Assert.Equal(409, conflict.Status);
        Assert.Contains("already sent with other values", conflict.Html, StringComparison.Ordinal);
        Assert.Equal(400, (await stranger.SendAsync(second, "Input.Password", ("_key", ""), ("Input.Password", "copper kettle morning fog"), ("Input.Again", "copper kettle morning fog"))).Status);
    }

    [Fact]
    public async Task A_form_with_mistakes_says_all_of_them_and_can_be_sent_again()
    {
        using var visitor = app.NewVisitor();
        var form = await visitor.OpenAsync("/ru/account/new");
        var wrong = await visitor.SendAsync(form, "Input.Password", ("Input.Password", "короткий"), ("Input.Again", "другой"));
        Assert.Equal(422, wrong.Status);
        Assert.Contains("Пароли не совпадают.", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("<a href=\"#Input_Again\">", wrong.Html, StringComparison.Ordinal);
        Assert.Matches("<input[^>]*aria-describedby=\"Input_Again-error\"[^>]*aria-invalid=\"true\"", wrong.Html);
        Assert.DoesNotContain("короткий", wrong.Html, StringComparison.Ordinal);
        wrong = await visitor.SendAsync(wrong, "Input.Password", ("Input.Password", "короткий"), ("Input.Again", "короткий"));
        Assert.Contains("В пароле не меньше 12 знаков.", wrong.Text, StringComparison.Ordinal);
        wrong = await visitor.SendAsync(wrong, "Input.Password", ("Input.Password", "Пароль12345678"), ("Input.Again", "Пароль12345678"));
        Assert.Contains("угадывают одним из первых", wrong.Text, StringComparison.Ordinal);
        Assert.Equal(302, (await visitor.SendAsync(form, "Input.Password", ("Input.Password", "тихий омут и три весла"), ("Input.Again", "тихий омут и три весла"))).Status);
    }

    /// <summary>Every path that has a POST handler, its parameters filled in.</summary>
    private async Task<List<string>> PostsAsync()
    {
        _ = app.Origin;
        var loader = app.Services.GetRequiredService<PageLoader>();
        var paths = new List<string>();
        foreach (var page in app.Services.GetRequiredService<IActionDescriptorCollectionProvider>().ActionDescriptors.Items.OfType<PageActionDescriptor>())
        {
            // The error page is made again for a request that already failed; asked for directly it is not there.
            if (page.ViewEnginePath == "/Error/Index") continue;
            var compiled = await loader.LoadAsync(page, EndpointMetadataCollection.Empty);
            foreach (var handler in compiled.HandlerMethods.Where(h => h.HttpMethod == "Post"))
                paths.Add(Path(page) + (handler.Name is null ? "" : "?handler=" + handler.Name));
        }

        return paths;
    }

    private static string Path(ActionDescriptor page)
    {
        var filled = Regex.Replace(page.AttributeRouteInfo!.Template!, @"\{([^}:?]+)(:[^}?]+)?(\?)?\}", m => m switch
        {
            { Groups: [_, _, _, { Success: true }] } => "",
            { Groups: [_, _, { Value: var constraint }, _] } when constraint.Contains("guid", StringComparison.Ordinal) => Guid.NewGuid().ToString(),
            { Groups: [_, _, { Value: ":length(64)" }, _] } => new string('a', 64),
            { Groups: [_, _, { Success: true }, _] } => "1",
            _ => "x",
        });
        return "/" + filled.TrimEnd('/');
    }
}
