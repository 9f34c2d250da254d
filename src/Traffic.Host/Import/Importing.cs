using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Traffic.Platform;

namespace Traffic.Host.Import;

/// <summary>What became of the rows. Whatever happened, <c>Read = Accepted + Duplicate + Conflict + Rejected + Unknown</c>.</summary>
sealed record ImportTotals(long Read, long Accepted, long Duplicate, long Conflict, long Rejected)
{
    /// <summary>Read, and sent or about to be, but not answered: they may or may not be there. Sending again settles them.</summary>
    public long Unknown => Read - Accepted - Duplicate - Conflict - Rejected;
}

/// <summary>
/// One import: rows are read and mapped while the batch before is answered, and sent in the order of the file, so that which of
/// two conflicting rows is kept does not depend on chance.
/// </summary>
/// <param name="sender">Null only reads: nothing is sent.</param>
/// <param name="rejected">Told of each row that became no record, in the order of the file.</param>
sealed class Importing(RecordMap map, ImportSender? sender, Action<Rejected> rejected, Words words, string language)
{
    const int RowsEach = 500;

    /// <summary>Half of what the door takes.</summary>
    const int BytesEach = 2 * 1024 * 1024;

    /// <summary>Rows of one batch: those to be sent, and those the map could not read.</summary>
    sealed class Batch
    {
        /// <summary>What is sent for a row: one report, or also the point a visit is of or the closing of a session, one after the other.</summary>
        public List<(int Line, string EventId, bool Main)> Sent { get; } = [];
        public List<Rejected> Refused { get; } = [];
        public MemoryStream Body { get; } = new();
        public long Until { get; set; }
        public int Rows { get; set; }
        public bool IsFull => Rows >= RowsEach || Body.Length >= BytesEach;
    }

    /// <summary>How often each row has been seen, by a hash of all it says.</summary>
    readonly Dictionary<UInt128, int> seen = [];

    long read, accepted, duplicate, conflict, refused;

    public ImportTotals Totals => new(read, accepted, duplicate, conflict, refused);

    /// <summary>Imports the whole file.</summary>
    /// <param name="progress">Told after each batch how far in the file (bytes) every row is settled.</param>
    public async Task Run(Stream file, Action<long> progress, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var batches = Channel.CreateBounded<Batch>(2);
        var reading = Task.Run(() => ReadAll(file, batches.Writer, stop.Token), stop.Token);
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(stop.Token))
            {
                read += batch.Rows;
                await Settle(batch, stop.Token);
                progress(batch.Until);
            }
            await reading;
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    async Task ReadAll(Stream file, ChannelWriter<Batch> batches, CancellationToken cancel)
    {
        var batch = new Batch();
        try
        {
            foreach (var row in map.Form.RowsPath is null
                ? CsvTable.Rows(file, map.Form, map.Columns) : JsonTable.Rows(file, map.Form, map.Columns))
            {
                Add(batch, row);
                if (!batch.IsFull)
                    continue;
                batch.Until = file.CanSeek ? file.Position : 0;
                var full = batch;
                batch = new Batch();
                await batches.WriteAsync(full, cancel);
            }
            batch.Until = long.MaxValue;
            await batches.WriteAsync(batch, cancel);
            batches.Complete();
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            // What was read before is still settled; then the fault is thrown where the batches are read.
            await batches.WriteAsync(batch, cancel);
            batches.Complete(fault);
        }
    }

    void Add(Batch batch, SourceRow row)
    {
        batch.Rows++;
        var mapped = map.Read(row);
        if (mapped.Record is not { } record)
        {
            batch.Refused.Add(new Rejected(row.Line, mapped.Key, "rejected",
                string.Join(' ', mapped.Faults.Select(fault => fault.Code).Distinct()),
                string.Join(Separator, mapped.Faults.Select(Say))));
            return;
        }
        var eventId = map.Unique ? mapped.Key : $"{mapped.Key}.{Occurrence(mapped.Key, record).ToString(CultureInfo.InvariantCulture)}";
        // The same point is not sent for each of its visits; another under its id is, and is named as a conflict.
        if (mapped.Point is var (id, point) && points.Add((id, Encoding.UTF8.GetString(point))))
            Send(batch, row.Line, id, point, main: false);
        Send(batch, row.Line, eventId, record, main: true);
        if (mapped.Closing is { } closing)
            Send(batch, row.Line, $"{eventId}.closed", closing, main: false, closes: eventId);
    }

    readonly HashSet<(string EventId, string Record)> points = [];

    /// <param name="closes">Event of the session it closes; null for any other report.</param>
    static void Send(Batch batch, int line, string eventId, byte[] record, bool main, string? closes = null)
    {
        batch.Sent.Add((line, eventId, main));
        batch.Body.Write("{\"eventId\":"u8);
        JsonSerializer.Serialize(batch.Body, eventId);
        if (closes is not null)
        {
            batch.Body.Write(",\"subject\":"u8);
            JsonSerializer.Serialize(batch.Body, closes);
            batch.Body.Write(",\"supersedes\":1"u8);
        }
        batch.Body.WriteByte((byte)',');
        batch.Body.Write(record.AsSpan(1));
        batch.Body.WriteByte((byte)'\n');
    }

    /// <summary>
    /// Rows that say the same are told apart by their number in the file: it is the same in whatever order they stand. Rows with
    /// the same identity that say different things both claim the first: the second is a conflict, and is named.
    /// </summary>
    int Occurrence(string key, byte[] record)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        using (var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            all.AppendData(Encoding.UTF8.GetBytes(key));
            all.AppendData(record);
            all.GetHashAndReset(hash);
        }
        return ++CollectionsMarshal.GetValueRefOrAddDefault(seen, MemoryMarshal.Read<UInt128>(hash), out _);
    }

    async Task Settle(Batch batch, CancellationToken cancel)
    {
        if (batch.Sent.Count > 0 && sender is not null)
        {
            var receipts = await sender.Send(batch.Body.ToArray(), batch.Sent.Count, cancel);
            foreach (var row in batch.Sent.Zip(receipts).GroupBy(sent => sent.First.Line))
                Count(batch, [.. row]);
        }
        foreach (var row in batch.Refused.OrderBy(row => row.Line))
        {
            refused += row.Outcome == "rejected" ? 1 : 0;
            rejected(row);
        }
    }

    /// <summary>A row is a record where all that was sent for it is; what of it is refused or in conflict is named.</summary>
    void Count(Batch batch, ((int Line, string EventId, bool Main) Sent, JsonNode? Receipt)[] row)
    {
        var wrong = row.Where(one => (string?)one.Receipt!["outcome"] is not ("accepted" or "duplicate")).ToList();
        if (wrong.Count == 0)
        {
            if ((string?)Array.Find(row, one => one.Sent.Main).Receipt!["outcome"] == "accepted")
                accepted++;
            else
                duplicate++;
            return;
        }
        var (line, eventId, _) = Array.Find(row, one => one.Sent.Main).Sent;
        if (wrong.TrueForAll(one => (string?)one.Receipt!["outcome"] == "conflict"))
        {
            conflict++;
            batch.Refused.Add(new Rejected(line, eventId, "conflict", "import.conflict", words.Get("import.conflict", language)));
            return;
        }
        var faults = wrong.SelectMany(one => one.Receipt!["faults"]?.AsArray() ?? []).ToList();
        batch.Refused.Add(new Rejected(line, eventId, "rejected",
            string.Join(' ', faults.Select(fault => (string?)fault!["code"]).Distinct()),
            string.Join(Separator, faults.Select(fault => $"{fault!["member"]}: {fault["message"]}"))));
    }

    string Separator => language == "en" ? "; " : "；";

    string Say(RowFault fault)
    {
        var why = words.Get(fault.Code, language, [.. fault.Names]);
        return fault.Member.Length == 0 ? why : $"{fault.Member}: {why}";
    }
}
