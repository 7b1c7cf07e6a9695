using System.Security.Claims;
using DigitalResistance.Data;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Accounts;

/// <summary>Registration of people: Identity without e-mail, its key ring in the database, and the policies.</summary>
public static class AccountServices
{
    /// <summary>Everything pages and passes need to know who somebody is.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<AccountsOptions>().Bind(configuration.GetSection("Accounts")).ValidateDataAnnotations().ValidateOnStart();
        services.AddKeyRing();
        services.AddIdentityCore<Account>(options =>
            {
                options.User.RequireUniqueEmail = false;
                options.Password.RequiredLength = 12;
                options.Password.RequireDigit = false;
                options.Password.RequireLowercase = false;
                options.Password.RequireUppercase = false;
                options.Password.RequireNonAlphanumeric = false;
            })
            .AddRoles<IdentityRole<Guid>>()
            .AddEntityFrameworkStores<MoneyDb>()
            .AddPasswordValidator<CommonPasswords>()
            .AddSignInManager();
        services.AddScoped<IPasswordHasher<Account>, PasswordHashing>();
        services.AddOptions<PasswordHasherOptions>().Configure<IOptions<AccountsOptions>>((hasher, accounts) => hasher.IterationCount = accounts.Value.PasswordRounds);
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
        services.Configure<SecurityStampValidatorOptions>(options =>
        {
            // A changed password ends every other session within this time.
            options.ValidationInterval = TimeSpan.FromMinutes(1);
            options.OnRefreshingPrincipal = KeepMethods;
        });
        Policies.AddTo(services.AddAuthorizationBuilder());
        services.AddScoped<IAuthorizationHandler, HeldNowHandler>();

        services.AddSingleton<PasswordDoor>();
        services.AddScoped<Site>();
        services.AddScoped<Invitations>();
        services.AddScoped<RecoveryCodes>();
        services.AddScoped<Attempts>();
        services.AddScoped<SecondFactor>();
        services.AddScoped<SignIn>();
        services.AddScoped<Sessions>();
        services.AddScoped<AccountCreation>();
        services.AddScoped<PasswordChange>();
        return services;
    }

    /// <summary>
    /// The one-time code of the very first admin, new at each start until it was used; null once there is an admin. Earlier codes stay good,
    /// as another replica may have printed one; whichever is used first ends all of them.
    /// </summary>
    public static async Task<string?> FirstAdminCodeAsync(IServiceProvider services, CancellationToken cancellation = default)
    {
        await using var scope = services.CreateAsyncScope();
        if (await scope.ServiceProvider.GetRequiredService<Site>().HasAdminAsync(cancellation)) return null;
        return await scope.ServiceProvider.GetRequiredService<Invitations>().IssueAsync(Roles.Admin, by: null, cancellation);
    }

    /// <summary>A one-time code for an admin, made by whoever runs the machine, where too few admins are left to agree to one; null while there was none yet.</summary>
    public static async Task<string?> ReplacementAdminCodeAsync(IServiceProvider services, CancellationToken cancellation = default)
    {
        await using var scope = services.CreateAsyncScope();
        if (!await scope.ServiceProvider.GetRequiredService<Site>().HasAdminAsync(cancellation)) return null;
        return await scope.ServiceProvider.GetRequiredService<Invitations>().IssueAsync(Roles.Admin, by: null, cancellation, InvitationPurpose.Replacement);
    }

    /// <summary>The principal is made anew at each validation, without the claims of its session: the second factor must not be forgotten.</summary>
    private static Task KeepMethods(SecurityStampRefreshingPrincipalContext context)
    {
        var methods = context.CurrentPrincipal?.FindAll(Policies.MethodClaim) ?? [];
        if (context.NewPrincipal?.Identity is ClaimsIdentity identity) identity.AddClaims(methods.Select(m => m.Clone()));
        return Task.CompletedTask;
    }
}
