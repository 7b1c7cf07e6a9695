using DigitalResistance.Web.About;
using DigitalResistance.Web.Endpoints;
using DigitalResistance.Web.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.About;

/// <summary>What somebody may expect whose address is contacted, or who is harmed by a server; and whom to tell.</summary>
[AllowAnonymous]
public sealed class AbuseModel(InstanceFile file, IOptions<SiteOptions> site) : PageModel
{
    public Instance Instance => file.Instance!;

    /// <summary>Where a machine asks to be left alone.</summary>
    public string OptOutUrl => site.Value.PublicOrigin + OptOuts.Path;

    /// <summary>Through an onion service the source address of a call cannot be seen.</summary>
    public bool IsOnion => site.Value.IsOnion;
}
