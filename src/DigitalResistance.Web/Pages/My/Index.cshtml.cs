using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Servers;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.My;

/// <summary>An operator's home: what is to be done next, and how things are.</summary>
public sealed class IndexModel(MoneyDb db, RecoveryCodes codes) : PageModel
{
    public int CodesLeft { get; private set; }

    public bool HasAuthenticator { get; private set; }

    public int Servers { get; private set; }

    public int Proven { get; private set; }

    public bool HasAddress { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var me = User.AccountId();
        CodesLeft = await codes.LeftAsync(me, cancellation);
        HasAuthenticator = await db.Users.Where(a => a.Id == me).Select(a => a.TwoFactorEnabled).SingleAsync(cancellation);
        var live = db.Set<Server>().Where(s => s.OwnerId == me && s.State != ServerState.Retired);
        Servers = await live.CountAsync(cancellation);
        Proven = await live.CountAsync(s => s.State == ServerState.Proven, cancellation);
        HasAddress = await db.Set<PayoutAddress>().AnyAsync(a => a.AccountId == me, cancellation);
    }
}
