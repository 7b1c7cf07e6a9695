using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Forms;

/// <summary>What the next page says at its top, once: the answer to a form is always a redirect.</summary>
public static class Notices
{
    /// <summary>Tells the reader on the next page what was done.</summary>
    public static void Notify(this PageModel page, string text) => page.TempData["notice"] = text;
}
