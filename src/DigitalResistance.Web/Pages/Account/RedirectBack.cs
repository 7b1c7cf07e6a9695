using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>Where a sign-in leads.</summary>
internal static class RedirectBackExtensions
{
    /// <summary>Back to the page that asked for it, if it is one of ours; else home.</summary>
    public static IActionResult RedirectBack(this PageModel page, string? returnUrl) =>
        page.Url.IsLocalUrl(returnUrl) ? page.LocalRedirect(returnUrl) : page.RedirectToPage("/My/Index");
}
