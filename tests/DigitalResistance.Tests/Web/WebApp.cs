using System.Collections.Concurrent;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serilog.Core;
using Serilog.Events;

[assembly: AssemblyFixture(typeof(DigitalResistance.Tests.Web.WebApp))]

namespace DigitalResistance.Tests.Web;

/// <summary>
/// The whole product in this process: real Kestrel on a free loopback port, SQLite in a folder of its own, its clock movable. Only the
/// rounds of password hashing are fewer, and the passes do not run by themselves.
/// </summary>
public class WebApp : WebApplicationFactory<Program>, ILogEventSink
{
    /// <summary>Its data folder.</summary>
    protected string Folder => _folder;

    private readonly string _folder = Directory.CreateTempSubdirectory("dr-web-").FullName;

    private readonly Lazy<Uri> _origin;

    /// <summary>Its instance file says whose it is, as anybody's would; a test of the first start passes no file.</summary>
    protected virtual string? Instance => File.ReadAllText(Testing.Needs.Beside("docs/operations/instance.example.json"));

    /// <summary>Whether an admin has opened the site, as on any installation past its first day; tests of that day begin without.</summary>
    protected virtual bool IsOpened => true;

    /// <summary>Nothing starts before the first use, so that tests of other things neither wait for it nor fail with it.</summary>
    public WebApp()
    {
        UseKestrel(0);
        _origin = new Lazy<Uri>(() =>
        {
            StartServer();
            if (IsOpened) OpenSite();
            return ClientOptions.BaseAddress;
        });
    }

    /// <summary>Where it listens.</summary>
    public Uri Origin => _origin.Value;

    /// <summary>Its clock.</summary>
    public MovableTime Time { get; } = new();

    /// <summary>Every event that it logged, as one line.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    public void Emit(LogEvent logEvent)
    {
        using var writer = new StringWriter();
        new Serilog.Formatting.Compact.RenderedCompactJsonFormatter().Format(logEvent, writer);
        Log.Enqueue(writer.ToString());
    }

    /// <summary>Settings that this installation has beyond the defaults.</summary>
    protected virtual IEnumerable<(string Key, string Value)> Settings => [];

    /// <summary>Somebody with a browser of their own.</summary>
    public Visitor NewVisitor() => new(Origin);

    /// <summary>Runs something against the services, as a pass or the console would.</summary>
    public async Task<T> InScopeAsync<T>(Func<IServiceProvider, Task<T>> work)
    {
        _ = Origin;
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider);
    }

    /// <summary>An account made beside the pages, with these roles.</summary>
    public async Task<Person> NewPersonAsync(params string[] roles)
    {
        const string password = "correct-pony-battery-lamp";
        return await InScopeAsync(async services =>
        {
            var code = await services.GetRequiredService<Invitations>().IssueAsync(Roles.Operator, Guid.NewGuid(), default);
            var created = Assert.IsType<AccountCreation.Result.Created>(await services.GetRequiredService<AccountCreation>().CreateAsync(password, code, default));
            // As if as many admins as must had agreed.
            var db = services.GetRequiredService<MoneyDb>();
            var held = await db.Roles.Where(r => roles.Contains(r.Name) && r.Name != Roles.Operator).Select(r => r.Id).ToListAsync();
            db.AddRange(held.Select(role => new IdentityUserRole<Guid> { UserId = created.Account.Id, RoleId = role }));
            await db.SaveChangesAsync();
            return new Person(created.Account.Id, created.Account.AccountId.ToString(), password, created.RecoveryCodes);
        });
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        if (Instance is { } instance) File.WriteAllText(Path.Combine(_folder, "instance.json"), instance);
        foreach (var (key, value) in new[]
                 {
                     ("Database:Folder", _folder), ("Roles:Work", "false"), ("Accounts:PasswordRounds", "1000"), ("Serilog:MinimumLevel:Default", "Debug"),
                     // Whoever sends X-Forwarded-For is somebody else than this machine.
                     ("Site:TrustedProxy", "127.0.0.1"),
                 }.Concat(Settings))
            builder.UseSetting(key, value);
        builder.ConfigureServices(services =>
        {
            services.AddSingleton<ILogEventSink>(this);
            services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Time));
        });
    }

    private void OpenSite()
    {
        using var scope = Services.CreateScope();
        scope.ServiceProvider.GetRequiredService<MoneyDb>().Set<SiteState>().Where(s => s.OpenedAt == null).ExecuteUpdate(set => set.SetProperty(s => s.OpenedAt, Testing.MoneyDatabase.OpenedAt));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Disposed before, or SQLite took its own files away meanwhile.
        }
    }
}

/// <summary>The real clock, moved.</summary>
public sealed class MovableTime : TimeProvider
{
    private long _offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);
}
