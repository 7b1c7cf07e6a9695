using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace DigitalResistance.Accounts;

/// <summary>Who may open what. A page names one of these; without a name it is for every signed-in account.</summary>
public static class Policies
{
    /// <summary>Signed in with a second factor in this session.</summary>
    public const string SecondFactor = "second-factor";

    /// <summary>An admin, with a second factor.</summary>
    public const string Admin = "admin";

    /// <summary>A treasurer, with a second factor.</summary>
    public const string Treasurer = "treasurer";

    /// <summary>An admin or a treasurer, with a second factor.</summary>
    public const string Staff = "staff";

    /// <summary>Claim of a session that says how its owner was proven (RFC 8176).</summary>
    public const string MethodClaim = "amr";

    /// <summary>Value of <see cref="MethodClaim"/> after a one-time code.</summary>
    public const string OneTimeCode = "otp";

    /// <summary>Whether this session gave a second factor.</summary>
    public static bool HasSecondFactor(this ClaimsPrincipal principal) => principal.HasClaim(MethodClaim, OneTimeCode);

    /// <summary>The account of this session. Only behind authorization.</summary>
    public static Guid AccountId(this ClaimsPrincipal principal) => Guid.Parse(principal.FindFirstValue(ClaimTypes.NameIdentifier)!);

    internal static void AddTo(AuthorizationBuilder authorization) => authorization
        .AddPolicy(SecondFactor, policy => policy.RequireAuthenticatedUser().RequireClaim(MethodClaim, OneTimeCode))
        .AddPolicy(Admin, policy => policy.RequireRole(Roles.Admin).AddRequirements(new HeldNow(Roles.Admin)).RequireClaim(MethodClaim, OneTimeCode))
        .AddPolicy(Treasurer, policy => policy.RequireRole(Roles.Treasurer).AddRequirements(new HeldNow(Roles.Treasurer)).RequireClaim(MethodClaim, OneTimeCode))
        .AddPolicy(Staff, policy => policy.RequireRole(Roles.Admin, Roles.Treasurer).AddRequirements(new HeldNow(Roles.Admin, Roles.Treasurer)).RequireClaim(MethodClaim, OneTimeCode));
}
