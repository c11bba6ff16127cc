using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.ServiceDefaults.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class MailTemplates : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Templates",
                schema: "staff",
                columns: table => new
                {
                    Name = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    Source = table.Column<string>(type: "character varying(60000)", maxLength: 60000, nullable: true),
                    By = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Templates", x => new { x.Name, x.Version });
                });

            migrationBuilder.CreateTable(
                name: "Themes",
                schema: "staff",
                columns: table => new
                {
                    List = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    Accent = table.Column<string>(type: "character varying(7)", maxLength: 7, nullable: true),
                    Logo = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    LogoText = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    ChangedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Themes", x => x.List);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Templates_At",
                schema: "staff",
                table: "Templates",
                column: "At");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Templates",
                schema: "staff");

            migrationBuilder.DropTable(
                name: "Themes",
                schema: "staff");
        }
    }
}
