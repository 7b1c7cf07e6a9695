using DigitalResistance.Web.About;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.About;

/// <summary>What somebody may expect whose address is contacted, or who is harmed by a server; and whom to tell.</summary>
[AllowAnonymous]
public sealed class AbuseModel(InstanceFile file) : PageModel
{
    public Instance Instance => file.Instance!;
}
