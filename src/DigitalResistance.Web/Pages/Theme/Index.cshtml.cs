using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Theme;

/// <summary>Light, dark, or what the device says: kept in a cookie until the browser is closed.</summary>
[AllowAnonymous, NoEffect]
public sealed class IndexModel(IOptions<SiteOptions> site, IStringLocalizer<ThemeTexts> texts) : PageModel
{
    public static readonly string[] Choices = ["auto", "light", "dark"];

    public string Current => Request.Cookies[site.Value.Name(SiteCookies.Theme)] is { } cookie && Choices.Contains(cookie) ? cookie : "auto";

    public IActionResult OnPost(string? choice)
    {
        if (choice is null || !Choices.Contains(choice)) return BadRequest();
        Response.Cookies.Append(site.Value.Name(SiteCookies.Theme), choice, site.Value.NewCookie());
        this.Notify(texts["Saved"]);
        return RedirectToPage();
    }
}
