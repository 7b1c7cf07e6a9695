using System.Security.Claims;
using DigitalResistance.Data;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Accounts;

/// <summary>
/// One of these roles is held at this very moment, and the session is one that nothing has ended. A cookie is believed for a minute; for what touches money the database is asked each
/// time, so that whoever lost a role has lost it at once.
/// </summary>
internal sealed record HeldNow(params string[] AnyOf) : IAuthorizationRequirement;

/// <summary>Asks the database.</summary>
internal sealed class HeldNowHandler(MoneyDb db) : AuthorizationHandler<HeldNow>
{
    private static readonly string StampClaim = new ClaimsIdentityOptions().SecurityStampClaimType;

    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, HeldNow requirement)
    {
        if (!Guid.TryParse(context.User.FindFirstValue(ClaimTypes.NameIdentifier), out var account)) return;
        var (stamp, roles) = (context.User.FindFirstValue(StampClaim), requirement.AnyOf);
        var holds = await (from held in db.UserRoles
                           join role in db.Roles on held.RoleId equals role.Id
                           join person in db.Users on held.UserId equals person.Id
                           where held.UserId == account && person.SecurityStamp == stamp && roles.Contains(role.Name)
                           select held.RoleId).AnyAsync();
        if (holds) context.Succeed(requirement);
    }
}
