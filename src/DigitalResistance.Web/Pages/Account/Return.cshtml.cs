using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using DigitalResistance.Accounts;
using DigitalResistance.Returns;
using DigitalResistance.Scoring;
using DigitalResistance.Staff;
using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>
/// The slow way back: asks, shows how it stands to whoever has the code, and sets a new password and authenticator at its end. Whether there is an account is not told before
/// admins agreed.
/// </summary>
[AllowAnonymous]
public sealed class ReturnModel(
    ReturnAsking asking, ReturnFinishing finishing, Sessions sessions, Policy policy, IDataProtectionProvider protection, IOptions<ReturnOptions> options, IOptions<AccountsOptions> accounts,
    IStringLocalizer<AccountTexts> texts, IStringLocalizer<ReturnTexts> words) : PageModel
{
    /// <summary>What was just asked for, shown once.</summary>
    public AskedReturn? Asked { get; private set; }

    /// <summary>How it stands; null without a code, or where the code leads nowhere.</summary>
    public ReturnStanding? Standing { get; private set; }

    public int WaitDays => options.Value.WaitDays;

    public int AdminsNeeded => StaffQuorum.Full(policy);

    public string ManualKey { get; private set; } = "";

    public string AppLink { get; private set; } = "";

    /// <summary>The code of a link.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Code { get; set; }

    [BindProperty]
    public string? AccountId { get; set; }

    [BindProperty]
    public Form Input { get; set; } = new();

    public Task OnGetAsync(CancellationToken cancellation)
    {
        if (TempData["return"] is string[] and [var code, var reference]) Asked = new AskedReturn(code, reference);
        Input.Pending = Protect(SecondFactor.NewSecret());
        return ShowAsync(cancellation);
    }

    /// <summary>The QR code of the secret that is being set up.</summary>
    public async Task<IActionResult> OnGetQrAsync(string pending, CancellationToken cancellation)
    {
        if (Unprotect(pending) is not { } secret || await finishing.OpensAsync(Code, cancellation) is not { } account) return NotFound();
        return File(QrPng.Make(LinkOf(secret, account)), "image/png");
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        // What the other form asks for is nothing to this one.
        ModelState.Clear();
        var (asked, wait) = await asking.AskAsync(AccountId, cancellation);
        if (asked is null)
        {
            ModelState.AddWait(wait, texts);
            return Page();
        }

        TempData["return"] = new[] { asked.Code, asked.Reference };
        return RedirectToPage(new { Code = "" });
    }

    public async Task<IActionResult> OnPostFinishAsync(CancellationToken cancellation)
    {
        ModelState.Remove(nameof(AccountId));
        if (Unprotect(Input.Pending) is not { } secret) return RedirectToPage(new { Code });
        if (ModelState.IsValid)
        {
            switch (await finishing.FinishAsync(Code, Input.Password, secret, Input.OneTimeCode, cancellation))
            {
                case ReturnFinishing.Result.Done done:
                    await sessions.BeginAsync(done.Account, secondFactor: true);
                    TempData["codes"] = done.RecoveryCodes.ToArray();
                    return RedirectToPage("Codes");
                case ReturnFinishing.Result.PasswordRefused { Code: var refused }:
                    ModelState.AddPasswordMistake("Input.Password", refused, texts);
                    break;
                case var ending when ending == ReturnFinishing.Result.CodeRefused:
                    ModelState.AddModelError("Input.OneTimeCode", words["Finish.Code.Wrong"]);
                    break;
                default:
                    ModelState.AddModelError("", words["Finish.NotOpen"]);
                    break;
            }
        }

        await ShowAsync(cancellation);
        return Page();
    }

    private async Task ShowAsync(CancellationToken cancellation)
    {
        Standing = await asking.LookAsync(Code, cancellation);
        if (Standing is not { Step: ReturnStep.Ready } || await finishing.OpensAsync(Code, cancellation) is not { } account) return;
        var secret = Unprotect(Input.Pending) ?? SecondFactor.NewSecret();
        (ManualKey, AppLink) = (Totp.ManualKey(secret), LinkOf(secret, account));
    }

    private string LinkOf(byte[] secret, DigitalResistance.Accounts.Account account) => Totp.Uri(secret, accounts.Value.Issuer, account.AccountId);

    private string Protect(byte[] secret) => Convert.ToBase64String(Protector().Protect(secret, TimeSpan.FromHours(1)));

    private byte[]? Unprotect(string? pending)
    {
        try
        {
            return Protector().Unprotect(Convert.FromBase64String(pending ?? ""));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }

    // Bound to the code, as there is no account to bind it to; addresses are written in small letters.
    private ITimeLimitedDataProtector Protector() => protection.CreateProtector("totp.return.v1", (Code ?? "").ToUpperInvariant()).ToTimeLimitedDataProtector();

    public sealed class Form
    {
        public string Pending { get; set; } = "";

        [Required(ErrorMessage = "Password.Missing"), StringLength(200, ErrorMessage = "Password.Long")]
        public string Password { get; set; } = "";

        [Compare(nameof(Password), ErrorMessage = "Password.Different")]
        public string Again { get; set; } = "";

        [Required(ErrorMessage = "Code.Missing"), StringLength(60, ErrorMessage = "Code.Missing")]
        public string OneTimeCode { get; set; } = "";
    }
}
