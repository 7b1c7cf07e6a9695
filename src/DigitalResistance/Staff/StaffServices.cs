using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Staff;

/// <summary>Registration of the roles that touch money.</summary>
public static class StaffServices
{
    /// <summary>Needs <c>AddAccounts</c>, <c>AddServers</c>, <c>AddScoring</c> and <c>AddRounds</c>.</summary>
    public static IServiceCollection AddStaff(this IServiceCollection services) => services
        .AddScoped<RoleRemoving>().AddScoped<InvitationAgreeing>().AddScoped<StaffList>();
}
