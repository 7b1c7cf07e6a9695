using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages;

/// <summary>The front page: what this is, and three doors.</summary>
[AllowAnonymous]
public sealed class IndexModel : PageModel;
