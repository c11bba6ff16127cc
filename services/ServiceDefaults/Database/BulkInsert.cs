using System.Buffers;
using System.Buffers.Binary;
using System.Data;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
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
                binary.BeginRow(table.Columns.Count);
                table.Fill(binary, row);
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

    /// <summary>A property of a row.</summary>
    private sealed record Column(IProperty Property, string Name, string Parameter)
    {
        private readonly IClrPropertyGetter get = Property.GetGetter();
        private readonly ValueConverter? converter = Property.GetTypeMapping().Converter;

        public static Column Of(IProperty property, StoreObjectIdentifier table, ISqlGenerationHelper sql, int number) => property.IsShadowProperty()
            ? throw new NotSupportedException($"{property.DeclaringType.DisplayName()} has no property {property.Name}.")
            : new(property, sql.DelimitIdentifier(property.GetColumnName(table)!), $"@p{number}");

        /// <summary>What the database has, or null.</summary>
        public object? Read(object row) => get.GetClrValue(row) is { } value ? converter is null ? value : converter.ConvertToProvider(value) : null;

        /// <summary>Adds the same to a copy, with no object made of each number on the way.</summary>
        public Expression Copy(Expression rows, Expression row)
        {
            var property = Expression.Property(Expression.Convert(row, Property.DeclaringType.ClrType), Property.PropertyInfo!);
            var plain = Nullable.GetUnderlyingType(property.Type);
            Expression value = plain is null ? property : Expression.Property(property, nameof(Nullable<>.Value));
            if (converter is not null)
            {
                value = Expression.Invoke(converter.ConvertToProviderExpression, Expression.Convert(value, converter.ModelClrType));
            }

            if (typeof(CopyRows).GetMethod(nameof(CopyRows.Add), BindingFlags.Public | BindingFlags.Instance | BindingFlags.ExactBinding, [value.Type]) is not { } add)
            {
                throw new NotSupportedException($"{Name} is stored as {value.Type.Name}, which isn't copied yet.");
            }

            Expression copy = Expression.Call(rows, add, value);
            return plain is not null || !property.Type.IsValueType
                ? Expression.IfThenElse(Expression.Equal(property, Expression.Constant(null, property.Type)), Expression.Call(rows, nameof(CopyRows.AddNull), []), copy)
                : copy;
        }
    }

    private sealed class Table
    {
        private const string Known = "Alerts:BulkInsert";

        private readonly string name;
        private readonly Lazy<Action<CopyRows, object>> fill;

        private Table(string name, IReadOnlyList<Column> columns)
        {
            (this.name, Columns) = (name, columns);
            fill = new(() =>
            {
                var (rows, row) = (Expression.Parameter(typeof(CopyRows)), Expression.Parameter(typeof(object)));
                return Expression.Lambda<Action<CopyRows, object>>(Expression.Block(columns.Select(c => c.Copy(rows, row))), rows, row).Compile();
            });
        }

        public IReadOnlyList<Column> Columns { get; }

        public string Copy => $"COPY {Into} FROM STDIN (FORMAT BINARY)";

        public string Insert => $"INSERT INTO {Into} VALUES ({string.Join(", ", Columns.Select(c => c.Parameter))})";

        private string Into => $"{name} ({string.Join(", ", Columns.Select(c => c.Name))})";

        public static Table Of(DbContext db, IEntityType rows)
        {
            if (rows.FindRuntimeAnnotationValue(Known) is Table known)
            {
                return known;
            }

            var sql = db.GetService<ISqlGenerationHelper>();
            var store = StoreObjectIdentifier.Create(rows, StoreObjectType.Table)!.Value;
            var table = new Table(sql.DelimitIdentifier(store.Name, store.Schema), [.. rows.GetProperties().Select((property, number) => Column.Of(property, store, sql, number))]);
            rows.SetRuntimeAnnotation(Known, table);
            return table;
        }

        public void Fill(CopyRows copy, object row) => fill.Value(copy, row);
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
            Append(0); // No flags,
            Append(0); // and no more of a header.
        }

        public bool IsFull => buffer.WrittenCount >= Piece;

        public void BeginRow(int columns)
        {
            MakeRoom();
            Append((short)columns);
        }

        public void AddNull() => Append(-1);

        public void Add(string text) => Utf8.GetBytes(text, Next(Utf8.GetByteCount(text)));

        public void Add(Guid id) => id.TryWriteBytes(Next(16), bigEndian: true, out _);

        public void Add(short number) => BinaryPrimitives.WriteInt16BigEndian(Next(sizeof(short)), number);

        /// <summary>PostgreSQL has no smaller number than <c>smallint</c>.</summary>
        public void Add(byte number) => Add((short)number);

        public void Add(int number) => BinaryPrimitives.WriteInt32BigEndian(Next(sizeof(int)), number);

        public void Add(long number) => BinaryPrimitives.WriteInt64BigEndian(Next(sizeof(long)), number);

        public void Add(bool yes) => Next(1)[0] = yes ? (byte)1 : (byte)0;

        public void Add(DateTime instant) => Add(instant.Kind is DateTimeKind.Utc
            ? (instant.Ticks - Epoch) / TimeSpan.TicksPerMicrosecond
            : throw new NotSupportedException("Instants are stored in UTC."));

        public void Add(byte[] bytes) => bytes.CopyTo(Next(bytes.Length));

        public void End()
        {
            MakeRoom();
            Append((short)-1);
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
            Append(length);
            var room = buffer.GetSpan(length)[..length];
            buffer.Advance(length);
            return room;
        }

        private void Append(int number)
        {
            BinaryPrimitives.WriteInt32BigEndian(buffer.GetSpan(sizeof(int)), number);
            buffer.Advance(sizeof(int));
        }

        private void Append(short number)
        {
            BinaryPrimitives.WriteInt16BigEndian(buffer.GetSpan(sizeof(short)), number);
            buffer.Advance(sizeof(short));
        }
    }
}
