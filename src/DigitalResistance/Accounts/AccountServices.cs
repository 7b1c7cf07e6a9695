using System.Security.Claims;
using DigitalResistance.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Accounts;

/// <summary>Registration of people: Identity without e-mail, its key ring in the database, and the policies.</summary>
public static class AccountServices
{
    /// <summary>Everything pages and passes need to know who somebody is.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddDataProtection().SetApplicationName("digital-resistance").PersistKeysToDbContext<MoneyDb>();
        services.AddIdentityCore<Account>(options =>
            {
                options.User.RequireUniqueEmail = false;
                options.Password.RequiredLength = 12;
                options.Password.RequireDigit = false;
                options.Password.RequireLowercase = false;
                options.Password.RequireUppercase = false;
                options.Password.RequireNonAlphanumeric = false;
                options.Lockout.MaxFailedAccessAttempts = 10;
                options.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(15);
            })
            .AddRoles<IdentityRole<Guid>>()
            .AddEntityFrameworkStores<MoneyDb>()
            .AddSignInManager();
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
        services.Configure<SecurityStampValidatorOptions>(options =>
        {
            // A changed password ends every other session within this time.
            options.ValidationInterval = TimeSpan.FromMinutes(1);
            options.OnRefreshingPrincipal = KeepMethods;
        });
        Policies.AddTo(services.AddAuthorizationBuilder());
        return services;
    }

    /// <summary>The principal is made anew at each validation, without the claims of its session: the second factor must not be forgotten.</summary>
    private static Task KeepMethods(SecurityStampRefreshingPrincipalContext context)
    {
        var methods = context.CurrentPrincipal?.FindAll(Policies.MethodClaim) ?? [];
        if (context.NewPrincipal?.Identity is ClaimsIdentity identity) identity.AddClaims(methods.Select(m => m.Clone()));
        return Task.CompletedTask;
    }
}
