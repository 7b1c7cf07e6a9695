using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Rounds;

public sealed class RoundApprovalTests
{
    [Fact]
    public async Task An_SSH_signature_and_a_signed_in_approval_together_approve()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: 2, maxSignedIn: 1);
        var key = TestSshKey.Create("ssh-ed25519");
        Assert.IsType<KeyResult.Enrolled>(await world.EnrolAsync(world.Boris, key.PublicLine));
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();

        Assert.Equal(new ApprovalResult.Counted(new(0, 1, 2, false)), await world.ApproveAsync(1, round.ManifestSha256!, world.Alice));
        Assert.Equal(RoundState.Allocated, (await world.RoundAsync()).State);
        Assert.Equal(new ApprovalResult.Counted(new(1, 1, 2, true)), await world.ApproveAsync(1, key.Sign(round.Manifest!, Manifest.SignatureNamespace)));
        Assert.Equal(RoundState.Approved, (await world.RoundAsync()).State);
    }

    [Fact]
    public async Task What_ssh_keygen_signs_is_an_approval_that_the_log_carries_whole()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        var (line, armoured) = TestSshKey.MadeByOpenSsh(["-t", "ed25519"], round.Manifest!, "digital-resistance-round");
        await world.EnrolAsync(world.Boris, line);

        Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(1, armoured));

        var bytes = await world.On(db => db.Set<LedgerEntry>().Where(e => e.Type == "approval").Select(e => e.Bytes).SingleAsync());
        var entry = CanonicalObject.Parse(bytes);
        var published = SshSignature.FromBlob(Convert.FromBase64String(entry.Text("signature"))).ToString();
        Assert.True(TestSshKey.OpenSshAccepts(line, round.Manifest!, published, "digital-resistance-round"));
        Assert.Equal("sha256:" + round.ManifestSha256, entry.Text("manifest"));
        Assert.Equal(SshPublicKey.Parse(line).Fingerprint, entry.Text("signer"));
    }

    [Fact]
    public async Task The_proposers_approval_alone_never_suffices()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: 1);
        var key = TestSshKey.Create("ssh-ed25519");
        await world.EnrolAsync(world.Alice, key.PublicLine);
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        Assert.Equal(new ApprovalResult.Counted(new(0, 1, 1, false)), await world.ApproveAsync(1, round.ManifestSha256!, world.Alice));
        Assert.Equal(new ApprovalResult.Counted(new(1, 0, 1, false)), await world.ApproveAsync(1, key.Sign(round.Manifest!, Manifest.SignatureNamespace)));
        Assert.Equal(RoundState.Allocated, (await world.RoundAsync()).State);
        Assert.Equal(new ApprovalResult.Counted(new(1, 1, 1, true)), await world.ApproveAsync(1, round.ManifestSha256!, world.Boris));
    }

    [Fact]
    public async Task Whoever_changed_the_terms_last_has_proposed_them()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: 1);
        await world.OperatorAsync([1]);
        await world.CreateAsync();
        RoundsWorld.Done(await world.EditAsync(1, 0, world.Terms with { Budget = new(2_000_000) }, world.Boris));
        Assert.Equal(world.Boris, (await world.RoundAsync()).ProposedBy);
        RoundsWorld.Done(await world.CancelAsync(1, (await world.RoundAsync()).Version));

        var round = await world.AllocatedAsync();
        RoundsWorld.Done(await world.ReviseAsync(2, round.Version, round.Terms with { MaxFee = new(30_000) }, world.Boris));
        RoundsWorld.Done(await world.AllocateAsync(2, (await world.RoundAsync(2)).Version));
        world.Time.Advance(TimeSpan.FromHours(1));
        var sha = (await world.RoundAsync(2)).ManifestSha256!;
        Assert.Equal(new ApprovalResult.Counted(new(0, 1, 1, false)), await world.ApproveAsync(2, sha, world.Boris));
        Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(2, sha, world.Alice));
        Assert.Equal(RoundState.Approved, (await world.RoundAsync(2)).State);
    }

    [Fact]
    public async Task One_admin_of_several_brings_in_no_key_alone_whatever_the_policy_asks_for()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: 1);
        Assert.Equal(new KeyResult.Waiting(1, 2), await world.ProposeAsync(world.Alice, TestSshKey.Create("ssh-ed25519").PublicLine));
        Assert.IsType<KeyResult.Enrolled>(await world.ConfirmAsync(world.Boris));
    }

    [Fact]
    public async Task An_admin_who_owns_a_held_operator_never_counts()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var own = await world.OperatorAsync([1], account: world.Boris);
        await world.OperatorAsync([9]);
        await world.FrozenAsync();
        Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, own));
        RoundsWorld.Done(await world.AllocateAsync(1, (await world.RoundAsync()).Version));
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((Eligibility.Held, Sats.Zero), ((await world.GrantAsync(own)).Eligibility, (await world.GrantAsync(own)).Paid));
        var sha = (await world.RoundAsync()).ManifestSha256!;
        Assert.IsType<ApprovalResult.Recused>(await world.ApproveAsync(1, sha, world.Boris));
        var counted = Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(1, sha, world.Alice));
        Assert.False(counted.Tally.Suffices);
    }

    [Fact]
    public async Task An_admin_who_owns_a_recipient_never_counts_and_the_log_says_so_before_anybody_approves()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1], account: world.Boris);
        await world.OperatorAsync([9]);
        var key = TestSshKey.Create("ssh-ed25519");
        await world.EnrolAsync(world.Boris, key.PublicLine);
        var round = await world.AllocatedAsync();

        Assert.Contains("recusal", await world.EntriesAsync(1));
        Assert.IsType<ApprovalResult.Recused>(await world.ApproveAsync(1, round.ManifestSha256!, world.Boris));
        Assert.IsType<ApprovalResult.Recused>(await world.ApproveAsync(1, key.Sign(round.Manifest!, Manifest.SignatureNamespace)));
        Assert.DoesNotContain("approval", await world.EntriesAsync(1));
    }

    [Fact]
    public async Task An_admin_whose_operator_gets_nothing_is_not_recused()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([0], account: world.Boris);
        await world.OperatorAsync([9]);
        Assert.Equal(RoundState.Approved, (await world.ApprovedAsync()).State);
        Assert.DoesNotContain("recusal", await world.EntriesAsync(1));
    }

    [Fact]
    public async Task Pressing_twice_counts_once()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => world.ApproveAsync(1, round.ManifestSha256!, world.Alice))));
        Assert.Single(results.OfType<ApprovalResult.Counted>());
        Assert.Equal(5, results.OfType<ApprovalResult.AlreadyCounted>().Count());
        Assert.Single(await world.EntriesAsync(), "approval");
        Assert.Equal(RoundState.Allocated, (await world.RoundAsync()).State);
    }

    [Fact]
    public async Task Two_admins_at_once_both_count_and_the_round_is_approved_once()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        var results = await Task.WhenAll(
            Task.Run(() => world.ApproveAsync(1, round.ManifestSha256!, world.Alice)),
            Task.Run(() => world.ApproveAsync(1, round.ManifestSha256!, world.Boris)));
        Assert.Equal(2, results.OfType<ApprovalResult.Counted>().Count());
        Assert.Equal(RoundState.Approved, (await world.RoundAsync()).State);
        Assert.Single(await world.EntriesAsync(), "round.approved");
    }

    [Fact]
    public async Task Nothing_is_approved_while_operators_may_object()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.FrozenAsync();
        await world.AllocateAsync(1, round.Version);
        var until = world.Time.GetUtcNow().AddHours(1);
        round = await world.RoundAsync();
        Assert.Equal(new ApprovalResult.TooEarly(until), await world.ApproveAsync(1, round.ManifestSha256!, world.Alice));
    }

    [Fact]
    public async Task A_signature_over_another_text_for_another_purpose_or_by_another_key_is_refused()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        var (known, stranger) = (TestSshKey.Create("ecdsa-sha2-nistp256"), TestSshKey.Create("ssh-ed25519"));
        await world.EnrolAsync(world.Boris, known.PublicLine);

        var refused = await world.ApproveAsync(1, known.Sign(round.Manifest!.Replace("max_fee_sat 20000", "max_fee_sat 90000", StringComparison.Ordinal), Manifest.SignatureNamespace));
        Assert.Equal(new ApprovalResult.SignatureRefused(SshVerdict.WrongSignature), refused);
        Assert.Equal(new ApprovalResult.SignatureRefused(SshVerdict.WrongPurpose), await world.ApproveAsync(1, known.Sign(round.Manifest!, "file")));
        Assert.IsType<ApprovalResult.UnknownKey>(await world.ApproveAsync(1, stranger.Sign(round.Manifest!, Manifest.SignatureNamespace)));
        Assert.IsType<ApprovalResult.Unreadable>(await world.ApproveAsync(1, "yes, I approve"));
        Assert.IsType<ApprovalResult.NotFound>(await world.ApproveAsync(2, "yes, I approve"));
        Assert.DoesNotContain("approval", await world.EntriesAsync());
    }

    [Fact]
    public async Task A_FIDO_key_counts_only_when_somebody_touched_it()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        var key = TestSshKey.Create("sk-ssh-ed25519@openssh.com");
        await world.EnrolAsync(world.Boris, key.PublicLine);
        Assert.Equal(new ApprovalResult.SignatureRefused(SshVerdict.NobodyTouchedTheKey), await world.ApproveAsync(1, key.Untouched().Sign(round.Manifest!, Manifest.SignatureNamespace)));
        Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(1, key.Sign(round.Manifest!, Manifest.SignatureNamespace)));
    }

    [Fact]
    public async Task More_signed_in_approvals_than_the_policy_allows_are_turned_away_to_a_signature()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: 2, maxSignedIn: 1);
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(1, round.ManifestSha256!, world.Alice));
        Assert.IsType<ApprovalResult.SignatureNeeded>(await world.ApproveAsync(1, round.ManifestSha256!, world.Boris));
    }

    [Fact]
    public async Task Somebody_who_is_no_admin_cannot_approve_and_a_former_admin_stops_counting()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        Assert.IsType<ApprovalResult.NotAnAdmin>(await world.ApproveAsync(1, round.ManifestSha256!, await world.AccountAsync()));
        await world.ApproveAsync(1, round.ManifestSha256!, world.Alice);
        await world.On(db => db.UserRoles.Where(r => r.UserId == world.Alice).ExecuteDeleteAsync());
        Assert.Equal(new ApprovalResult.Counted(new(0, 1, 2, false)), await world.ApproveAsync(1, round.ManifestSha256!, world.Boris));
    }

    [Fact]
    public async Task A_revoked_key_stops_counting_and_its_successor_needs_another_admin()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        var (old, next) = (TestSshKey.Create("ssh-ed25519"), TestSshKey.Create("ssh-ed25519"));
        await world.EnrolAsync(world.Boris, old.PublicLine);
        Assert.IsType<KeyResult.HasKey>(await world.EnrolAsync(world.Boris, next.PublicLine));
        await world.ApproveAsync(1, old.Sign(round.Manifest!, Manifest.SignatureNamespace));

        Assert.IsType<KeyResult.Revoked>(await world.RevokeAsync(world.Boris));
        Assert.Equal(new ApprovalResult.Counted(new(0, 1, 2, false)), await world.ApproveAsync(1, round.ManifestSha256!, world.Alice));
        Assert.IsType<ApprovalResult.UnknownKey>(await world.ApproveAsync(1, old.Sign(round.Manifest!, Manifest.SignatureNamespace)));

        Assert.Equal(new KeyResult.Waiting(1, 2), await world.ProposeAsync(world.Boris, next.PublicLine));
        Assert.Equal(new KeyResult.Waiting(1, 2), await world.ConfirmAsync(world.Boris));
        Assert.IsType<KeyResult.Taken>(await world.EnrolAsync(world.Boris, old.PublicLine));
        Assert.IsType<KeyResult.Enrolled>(await world.ConfirmAsync(world.Alice));
        Assert.Equal(new ApprovalResult.Counted(new(1, 1, 2, true)), await world.ApproveAsync(1, next.Sign(round.Manifest!, Manifest.SignatureNamespace)));
    }

    [Fact]
    public async Task One_key_cannot_speak_for_two_admins_and_only_admins_have_keys()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var key = TestSshKey.Create("ssh-ed25519");
        Assert.IsType<KeyResult.NotAnAdmin>(await world.EnrolAsync(await world.AccountAsync(), key.PublicLine));
        Assert.IsType<KeyResult.Enrolled>(await world.EnrolAsync(world.Alice, key.PublicLine));
        Assert.IsType<KeyResult.Taken>(await world.EnrolAsync(world.Boris, key.PublicLine));
        Assert.IsType<KeyResult.Unreadable>(await world.EnrolAsync(world.Boris, "ssh-rsa AAAA"));
        Assert.Equal(["key.added"], await world.EntriesAsync());
    }

    [Fact]
    public async Task A_key_counts_once_as_many_admins_said_yes_as_approve_a_round_and_the_log_says_how_many()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: 3);
        var clara = await world.AdminAsync();
        var key = TestSshKey.Create("ssh-ed25519");
        Assert.Equal(new KeyResult.Waiting(1, 3), await world.ProposeAsync(clara, key.PublicLine));
        Assert.Equal(new KeyResult.Waiting(1, 3), await world.ProposeAsync(clara, key.PublicLine));
        Assert.Equal(new KeyResult.Waiting(2, 3), await world.ConfirmAsync(world.Alice));
        Assert.Equal(new KeyResult.Waiting(2, 3), await world.ConfirmAsync(world.Alice));
        Assert.IsType<KeyResult.NotAnAdmin>(await world.ConfirmAsync(await world.AccountAsync()));
        Assert.Empty(await world.EntriesAsync());

        // Who is an admin no more stops counting, as in a round.
        await world.On(db => db.UserRoles.Where(r => r.UserId == world.Alice).ExecuteDeleteAsync());
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: 2);
        Assert.IsType<KeyResult.Enrolled>(await world.ConfirmAsync(world.Boris));
        var bytes = await world.On(db => db.Set<LedgerEntry>().Where(e => e.Type == "key.added").Select(e => e.Bytes).SingleAsync());
        Assert.Equal(2, CanonicalObject.Parse(bytes).Integer("signed_in"));
        Assert.Equal(0, await world.On(db => db.Set<KeyMotionVote>().CountAsync()));
    }

    [Fact]
    public async Task Another_admins_key_is_revoked_by_several_and_ones_own_at_once()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (key, other) = (TestSshKey.Create("ssh-ed25519"), TestSshKey.Create("ssh-ed25519"));
        var fingerprint = Assert.IsType<KeyResult.Enrolled>(await world.EnrolAsync(world.Boris, key.PublicLine)).Fingerprint;
        var clara = await world.AdminAsync();
        Assert.IsType<KeyResult.HasNone>(await world.ProposeRevocationAsync(world.Alice, "SHA256:nobody"));
        Assert.Equal(new KeyResult.Waiting(1, 2), await world.ProposeRevocationAsync(world.Alice, fingerprint));
        Assert.Equal(new KeyResult.Waiting(1, 2), await world.ProposeRevocationAsync(world.Alice, fingerprint));
        Assert.Equal(new KeyResult.Revoked(fingerprint), await world.ConfirmAsync(clara));
        Assert.Equal(["key.added", "key.revoked"], await world.EntriesAsync());

        // A revocation that waits for a key that its owner revoked is gone with it.
        fingerprint = Assert.IsType<KeyResult.Enrolled>(await world.EnrolAsync(world.Boris, other.PublicLine)).Fingerprint;
        Assert.Equal(new KeyResult.Waiting(1, 2), await world.ProposeRevocationAsync(world.Alice, fingerprint));
        Assert.IsType<KeyResult.Revoked>(await world.RevokeAsync(world.Boris));
        Assert.Equal(0, await world.On(db => db.Set<KeyMotion>().CountAsync()));
    }

    [Fact]
    public async Task The_last_two_who_say_yes_at_once_enrol_a_key_once()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var clara = await world.AdminAsync();
        await world.ProposeAsync(clara, TestSshKey.Create("ssh-ed25519").PublicLine);
        var id = await world.On(db => db.Set<KeyMotion>().Select(m => m.Id).SingleAsync());
        var results = await Task.WhenAll(new[] { world.Alice, world.Boris }.Select(a => Task.Run(() => world.On(db => new AdminKeys(db, world.Policy, world.Time).ConfirmAsync(a, id)))));
        Assert.Single(results.OfType<KeyResult.Enrolled>());
        Assert.Single(results.OfType<KeyResult.Gone>());
        Assert.Equal(["key.added"], await world.EntriesAsync());
    }

    [Fact]
    public async Task A_key_that_bears_a_name_is_one_of_every_day_and_is_refused()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var key = TestSshKey.Create("ssh-ed25519");
        Assert.IsType<KeyResult.Commented>(await world.ProposeAsync(world.Alice, key.PublicLine + " alice@laptop"));
        Assert.IsType<KeyResult.Waiting>(await world.ProposeAsync(world.Alice, key.PublicLine + "\n"));
    }

    [Theory]
    [InlineData("UPDATE grants SET address = 'bcrt1qthief'")]
    [InlineData("UPDATE grants SET paid = paid + 1000")]
    [InlineData("UPDATE grants SET weight = weight + 1")]
    [InlineData("UPDATE grants SET token = 'aaaaaaaaaaaaaaaa'")]
    [InlineData("DELETE FROM grants")]
    [InlineData("UPDATE rounds SET max_fee = max_fee + 1")]
    [InlineData("UPDATE rounds SET max_fee_rate = 400")]
    [InlineData("UPDATE rounds SET budget = budget + 1, cap_ppm = 1")]
    [InlineData("UPDATE rounds SET manifest = replace(manifest, 'paid_sat 500000', 'paid_sat 400000')")]
    [InlineData("UPDATE rounds SET revision = revision + 1")]
    public async Task Rows_changed_behind_the_programs_back_are_not_approved(string tamper)
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        await world.ApproveAsync(1, round.ManifestSha256!, world.Alice);
        await world.On(db => db.Database.ExecuteSqlRawAsync(tamper));
        Assert.IsType<ApprovalResult.Tampered>(await world.ApproveAsync(1, round.ManifestSha256!, world.Boris));
        Assert.Equal(RoundState.Allocated, (await world.RoundAsync()).State);
        Assert.Single(await world.EntriesAsync(), "approval");
    }

    [Fact]
    public async Task A_policy_softened_behind_the_programs_back_approves_nothing()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        var softer = RoundsWorld.PolicyWith(approvalsNeeded: 1).Bytes;
        await world.On(db => db.Database.ExecuteSqlAsync($"UPDATE rounds SET policy_json = {softer}"));
        Assert.IsType<ApprovalResult.Tampered>(await world.ApproveAsync(1, round.ManifestSha256!, world.Boris));
    }

    [Fact]
    public async Task No_random_walk_reaches_approval_with_fewer_than_two_distinct_admins()
    {
        for (var walk = 0; walk < Needs.Depth(5, 200); walk++)
        {
            await using var world = await RoundsWorld.CreateAsync();
            await world.OperatorAsync([1], account: world.Boris);
            await world.OperatorAsync([1]);
            Guid[] admins = [world.Alice, world.Boris, await world.AdminAsync()];
            var round = await world.AllocatedAsync();
            HashSet<Guid> said = [];
            var manifest = round.ManifestSha256!;
            for (var step = 0; step < 12; step++)
            {
                var admin = admins[Random.Shared.Next(3)];
                switch (Random.Shared.Next(4))
                {
                    case 0:
                        var now = await world.RoundAsync();
                        if (await world.ReviseAsync(1, now.Version, world.Terms with { MaxFee = new(20_000 + step) }) is not RoundResult.Done) break;
                        await world.AllocateAsync(1, now.Version + 1);
                        world.Time.Advance(TimeSpan.FromHours(2));
                        (said, manifest) = ([], (await world.RoundAsync()).ManifestSha256!);
                        break;
                    case 1:
                        // An approval of a manifest that was replaced.
                        Assert.True(round.ManifestSha256 == manifest || await world.ApproveAsync(1, round.ManifestSha256!, admin) is ApprovalResult.ManifestChanged or ApprovalResult.AlreadyCounted);
                        break;
                    default:
                        if (await world.ApproveAsync(1, manifest, admin) is ApprovalResult.Counted) said.Add(admin);
                        break;
                }

                Assert.DoesNotContain(world.Boris, said);
                Assert.Equal(said.Count >= 2, (await world.RoundAsync()).State == RoundState.Approved);
            }
        }
    }
}
