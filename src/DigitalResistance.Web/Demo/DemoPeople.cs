using System.Security.Cryptography;
using DigitalResistance.Accounts;
using NBitcoin;

namespace DigitalResistance.Web.Demo;

/// <summary>The accounts of the story, made as anybody's are, with an authenticator for those who need one.</summary>
internal sealed class DemoPeople(
    DemoWorld world, IServiceProvider services, AccountCreation creation, Invitations invitations, SecondFactor secondFactor, PayoutAddressChange addresses, TimeProvider time)
{
    /// <summary>Two admins, a treasurer, four operators with an address each.</summary>
    public async Task GatherAsync(CancellationToken cancellation)
    {
        var code = await AccountServices.FirstAdminCodeAsync(services, cancellation) ?? throw new InvalidOperationException("The demo begins with an empty database.");
        var first = await JoinAsync(DemoRole.Admin, 1, code, cancellation);
        // The treasurer before the second admin, with whom the first would have to agree from then on.
        await JoinAsync(DemoRole.Treasurer, 1, await invitations.IssueAsync(Roles.Treasurer, first.Id, cancellation, InvitationPurpose.Founding), cancellation);
        await JoinAsync(DemoRole.Admin, 2, await invitations.IssueAsync(Roles.Admin, first.Id, cancellation, InvitationPurpose.Founding), cancellation);
        for (var number = 1; number <= 4; number++)
        {
            var person = await JoinAsync(DemoRole.Operator, number, invitation: null, cancellation);
            // Their wallets are their own; the demo needs an address of each only.
            var wallet = ToySigner.FromSeed(RandomNumberGenerator.GetBytes(32));
            Expect.That<PayoutAddressResult.Set>(await addresses.SetAsync(person.Id, wallet.PubKey.GetAddress(ScriptPubKeyType.Segwit, Network.RegTest).ToString(), cancellation));
        }
    }

    private async Task<DemoPerson> JoinAsync(DemoRole role, int number, string? invitation, CancellationToken cancellation)
    {
        var password = $"demo {role} {number} resists".ToLowerInvariant();
        var created = Expect.That<AccountCreation.Result.Created>(await creation.CreateAsync(password, invitation, cancellation));
        var secret = role == DemoRole.Operator ? null : SecondFactor.NewSecret();
        if (secret is not null)
        {
            // With the code of the step before, so that the one on the screen is still good for signing in.
            var before = Totp.Code(secret, Totp.StepOf(time.GetUtcNow()) - 1);
            Expect.True(await secondFactor.EnableAsync(created.Account, secret, before, cancellation));
        }

        Expect.True(AccountId.TryParse(created.Account.UserName, out var id));
        var person = new DemoPerson(role, number, created.Account.Id, id.ToString(), password, secret);
        world.People.Add(person);
        return person;
    }
}
