using System.Buffers;
using System.Buffers.Binary;
using System.Data;
using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Alerts.ServiceDefaults.Database;

/// <summary>Writes rows by the thousand, untracked: one COPY on PostgreSQL, one prepared statement on SQLite.</summary>
public static class BulkInsert
{
    /// <summary>Inserts rows as the model maps them, in the transaction under way or in one of their own: all or none.</summary>
    /// <exception cref="NotSupportedException">The model stores a property as a type that isn't written here.</exception>
    public static async Task InsertManyAsync<T>(this DbContext db, IEnumerable<T> rows, CancellationToken cancellationToken) where T : class
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(rows);

        var table = Table.Of(db, db.Model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} isn't in the model."));
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            if (db.Database.GetDbConnection() is NpgsqlConnection postgres)
            {
                await CopyAsync(postgres, table, rows, cancellationToken);
            }
            else if (db.Database.CurrentTransaction is { } transaction)
            {
                await InsertEachAsync(transaction.GetDbTransaction(), table, rows, cancellationToken);
            }
            else
            {
                await using var own = await db.Database.BeginTransactionAsync(cancellationToken);
                await InsertEachAsync(own.GetDbTransaction(), table, rows, cancellationToken);
                await own.CommitAsync(cancellationToken);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static async Task CopyAsync<T>(NpgsqlConnection connection, Table table, IEnumerable<T> rows, CancellationToken cancellationToken) where T : class
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(table.Copy, cancellationToken);
        var binary = new CopyRows();
        try
        {
            foreach (var row in rows)
            {
                binary.Add(table.Columns, row);
                if (binary.IsFull)
                {
                    await copy.WriteAsync(binary.Take(), cancellationToken);
                }
            }

            binary.End();
            await copy.WriteAsync(binary.Take(), cancellationToken);
        }
        catch when (connection.FullState.HasFlag(ConnectionState.Open))
        {
            // Otherwise the end of the stream would count as the end of the rows.
            await copy.CancelAsync();
            throw;
        }
    }

    private static async Task InsertEachAsync<T>(DbTransaction transaction, Table table, IEnumerable<T> rows, CancellationToken cancellationToken) where T : class
    {
        await using var insert = transaction.Connection!.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = table.Insert;
        foreach (var column in table.Columns)
        {
            var parameter = insert.CreateParameter();
            parameter.ParameterName = column.Parameter;
            insert.Parameters.Add(parameter);
        }

        foreach (var row in rows)
        {
            for (var i = 0; i < table.Columns.Count; i++)
            {
                insert.Parameters[i].Value = table.Columns[i].Read(row) ?? DBNull.Value;
            }

            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>A property of a row as the database has it.</summary>
    private sealed record Column(string Name, string Parameter, Func<object, object?> Read)
    {
        public static Column Of(IProperty property, StoreObjectIdentifier table, ISqlGenerationHelper sql, int number)
        {
            if (property.IsShadowProperty())
            {
                throw new NotSupportedException($"{property.DeclaringType.DisplayName()} has no property {property.Name}.");
            }

            var (get, convert) = (property.GetGetter(), property.GetTypeMapping().Converter?.ConvertToProvider);
            return new(
                sql.DelimitIdentifier(property.GetColumnName(table)!),
                $"@p{number}",
                convert is null ? get.GetClrValue : row => get.GetClrValue(row) is { } value ? convert(value) : null);
        }
    }

    private sealed record Table(string Copy, string Insert, IReadOnlyList<Column> Columns)
    {
        private const string Known = "Alerts:BulkInsert";

        public static Table Of(DbContext db, IEntityType rows)
        {
            if (rows.FindRuntimeAnnotationValue(Known) is Table known)
            {
                return known;
            }

            var sql = db.GetService<ISqlGenerationHelper>();
            var store = StoreObjectIdentifier.Create(rows, StoreObjectType.Table)!.Value;
            var columns = rows.GetProperties().Select((property, number) => Column.Of(property, store, sql, number)).ToList();
            var into = $"{sql.DelimitIdentifier(store.Name, store.Schema)} ({string.Join(", ", columns.Select(c => c.Name))})";
            var table = new Table($"COPY {into} FROM STDIN (FORMAT BINARY)", $"INSERT INTO {into} VALUES ({string.Join(", ", columns.Select(c => c.Parameter))})", columns);
            rows.SetRuntimeAnnotation(Known, table);
            return table;
        }
    }

    /// <summary>Rows in PostgreSQL's own format: its documentation, COPY, "Binary Format".</summary>
    private sealed class CopyRows
    {
        private const int Piece = 32 * 1024;

        /// <summary>Midnight before 1 January 2000, from which its time is counted in microseconds.</summary>
        private static readonly long Epoch = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

        private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        private readonly ArrayBufferWriter<byte> buffer = new(2 * Piece);
        private bool taken;

        public CopyRows()
        {
            buffer.Write<byte>([.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8]);
            Add(0); // No flags,
            Add(0); // and no more of a header.
        }

        public bool IsFull => buffer.WrittenCount >= Piece;

        public void Add(IReadOnlyList<Column> columns, object row)
        {
            MakeRoom();
            Add((short)columns.Count);
            foreach (var column in columns)
            {
                switch (column.Read(row))
                {
                    case null:
                        Add(-1);
                        break;
                    case string text:
                        var length = Utf8.GetByteCount(text);
                        Utf8.GetBytes(text, Next(length));
                        break;
                    case Guid id:
                        id.TryWriteBytes(Next(16), bigEndian: true, out _);
                        break;
                    case int number:
                        BinaryPrimitives.WriteInt32BigEndian(Next(sizeof(int)), number);
                        break;
                    case long number:
                        BinaryPrimitives.WriteInt64BigEndian(Next(sizeof(long)), number);
                        break;
                    case bool yes:
                        Next(1)[0] = yes ? (byte)1 : (byte)0;
                        break;
                    case byte number: // smallint: PostgreSQL has nothing smaller.
                        BinaryPrimitives.WriteInt16BigEndian(Next(sizeof(short)), number);
                        break;
                    case DateTime { Kind: DateTimeKind.Utc } instant:
                        BinaryPrimitives.WriteInt64BigEndian(Next(sizeof(long)), (instant.Ticks - Epoch) / TimeSpan.TicksPerMicrosecond);
                        break;
                    case byte[] bytes:
                        bytes.CopyTo(Next(bytes.Length));
                        break;
                    case var other:
                        throw new NotSupportedException($"{column.Name} is stored as {other.GetType().Name}, which isn't copied yet.");
                }
            }
        }

        public void End()
        {
            MakeRoom();
            Add((short)-1);
        }

        /// <summary>What was added since the last time; good until more is added.</summary>
        public ReadOnlyMemory<byte> Take()
        {
            taken = true;
            return buffer.WrittenMemory;
        }

        private void MakeRoom()
        {
            if (taken)
            {
                buffer.ResetWrittenCount();
                taken = false;
            }
        }

        /// <summary>Room for a value of so many bytes, behind its length.</summary>
        private Span<byte> Next(int length)
        {
            Add(length);
            var room = buffer.GetSpan(length)[..length];
            buffer.Advance(length);
            return room;
        }

        private void Add(int number)
        {
            BinaryPrimitives.WriteInt32BigEndian(buffer.GetSpan(sizeof(int)), number);
            buffer.Advance(sizeof(int));
        }

        private void Add(short number)
        {
            BinaryPrimitives.WriteInt16BigEndian(buffer.GetSpan(sizeof(short)), number);
            buffer.Advance(sizeof(short));
        }
    }
}
