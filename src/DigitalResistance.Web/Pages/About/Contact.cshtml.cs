using DigitalResistance.Web.About;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.About;

/// <summary>How to reach the people, by what it is about.</summary>
[AllowAnonymous]
public sealed class ContactModel(InstanceFile file, TimeProvider time) : PageModel
{
    public Instance Instance => file.Instance!;

    /// <summary>Whether the day is over until which somebody promised to read them.</summary>
    public bool IsExpired => Instance.Security.IsOver(time.GetUtcNow());
}
