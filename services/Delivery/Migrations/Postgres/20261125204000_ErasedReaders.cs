using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Delivery.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ErasedReaders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "ErasedReaders",
                schema: "delivery",
                columns: table => new
                {
                    SubscriberId = table.Column<Guid>(type: "uuid", nullable: false),
                    ErasedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ErasedReaders", x => x.SubscriberId);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ErasedReaders_ErasedAt",
                schema: "delivery",
                table: "ErasedReaders",
                column: "ErasedAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ErasedReaders",
                schema: "delivery");
        }
    }
}
