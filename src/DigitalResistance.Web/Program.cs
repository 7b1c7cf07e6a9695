using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Messages;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Probing;
using DigitalResistance.Returns;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Staff;
using DigitalResistance.Treasury;
using DigitalResistance.Web.About;
using DigitalResistance.Web.Demo;
using DigitalResistance.Web.Endpoints;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Pages.Treasury;

var ledgerCommand = LedgerCommands.TakeFrom(ref args);
var peopleCommand = PeopleCommands.TakeFrom(ref args);
var doctor = Doctor.TakeFrom(ref args);
if (ProgramArguments.Read(args, out var mistake) is not { } arguments)
{
    await Console.Error.WriteLineAsync(mistake);
    return 1;
}

var builder = Shell.CreateBuilder(arguments.Settings);
await using var demo = arguments.IsDemo ? builder.AddDemo(arguments.IsStepped) : null;
var configuration = builder.Configuration;
var roles = ProcessRoles.From(configuration);

// What everything stands on: logs, traces, health, cookies, languages, limits, errors; storage; periodic work; people.
builder.AddShell();
builder.Services
    .AddData(configuration)
    .AddPlatform(roles.Work)
    .AddAccounts(configuration);

// Features, in the order in which money flows. Pages lie below Pages/<Feature>, machine routes in Endpoints/.
builder.Services
    .AddServers(configuration)
    .AddServerPages()
    .AddProbing(configuration, roles.Work)
    .AddScoring(configuration)
    .AddReview(configuration)
    .AddRounds(configuration)
    .AddStaff()
    .AddReturns(configuration)
    .AddMessages(configuration)
    .AddTreasury(configuration)
    .AddPayouts(configuration)
    .AddMoves(configuration)
    .AddTreasuryPages()
    .AddLedger(configuration)
    .AddLedgerPages()
    .AddRoundPages();

var app = builder.Build();
if (ledgerCommand is not null) return await LedgerCommands.RunAsync(ledgerCommand, app.Services);
if (peopleCommand is not null) return await PeopleCommands.RunAsync(peopleCommand, app.Services);
if (doctor is not null) return await Doctor.RunAsync(doctor, app.Services);
if (!await app.PrepareAsync())
{
    return 1;
}

app.UseShell();
if (roles.Pages)
{
    app.MapRazorPages();
    app.MapSecurityTxt();
    app.MapApi();
    app.MapHeartbeat();
    app.MapOptOut();
    app.MapLedger();
    app.MapRounds();
    app.MapMoves();
}

return await app.ServeAsync();
