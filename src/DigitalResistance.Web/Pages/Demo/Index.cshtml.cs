using DigitalResistance.Platform;
using DigitalResistance.Web.Demo;
using DigitalResistance.Web.Demo.Proxies;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Demo;

/// <summary>Behind the stage of the demo, for everybody who can reach this machine: what happens, and what one can do. Outside a demo there is no such page.</summary>
[AllowAnonymous]
public sealed class IndexModel(IServiceProvider services, IStringLocalizer<DemoTexts> texts, TimeProvider time) : PageModel
{
    private static readonly Sats Gift = new(1_000_000);
    private readonly DemoWorld? _world = services.GetService<DemoWorld>();

    /// <summary>The reader asked for a page that stands still.</summary>
    [BindProperty(SupportsGet = true)]
    public bool Still { get; set; }

    internal DemoWorld World => _world!;

    internal DemoScene Scene { get; private set; } = null!;

    /// <summary>Renews itself, but not while the reader has to do something.</summary>
    internal bool Renews => !Still && World.WaitsAt is null;

    /// <summary>How long the prober still measures.</summary>
    internal int SecondsLeft => Scene.Until is { } until && until > time.GetUtcNow() ? (int)(until - time.GetUtcNow()).TotalSeconds : 0;

    public IActionResult OnGet()
    {
        if (_world is null) return NotFound();
        Scene = _world.Story.Scene;
        return Page();
    }

    public IActionResult OnPostStop(Guid server) => Turn(server, proxy => proxy.Stop(), owner => texts["Stopped", owner]);

    public IActionResult OnPostStart(Guid server) => Turn(server, proxy => proxy.Start(), owner => texts["Started", owner]);

    public IActionResult OnPostGoOn(string step) => Press(() =>
    {
        if (Enum.TryParse<DemoStep>(step, out var at)) World.GoOn(at);
    });

    public IActionResult OnPostDonate() => Press(() => this.Notify(texts[World.Give(Gift) ? "Donate.Done" : "Donate.Full"]));

    internal string? ClassOf(DemoStep step) => step < Scene.Step ? "done" : step == Scene.Step ? "now" : null;

    private IActionResult Turn(Guid server, Action<DemoProxy> turn, Func<int, string> words) => Press(() =>
    {
        if (World.Servers.FirstOrDefault(s => s.Id == server) is not { } found) return;
        turn(found.Proxy);
        World.Story.Tell(time.GetUtcNow(), () => words(found.Owner.Number));
    });

    private IActionResult Press(Action act)
    {
        if (_world is null) return NotFound();
        act();
        return RedirectToPage(new { still = Still ? "true" : null });
    }
}
