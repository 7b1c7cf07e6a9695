using DigitalResistance.Web.About;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.About;

/// <summary>Who runs this installation, as its file says. Without a file nobody gets here.</summary>
[AllowAnonymous]
public sealed class IndexModel(InstanceFile file) : PageModel
{
    public Instance Instance => file.Instance!;
}
