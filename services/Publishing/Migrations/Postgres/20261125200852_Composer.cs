using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Publishing.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Composer : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "ApprovedBy",
                schema: "publishing",
                table: "Posts",
                type: "character varying(254)",
                maxLength: 254,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Asked",
                schema: "publishing",
                table: "Posts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Zone",
                schema: "publishing",
                table: "Posts",
                type: "character varying(50)",
                maxLength: 50,
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "FirstAt",
                schema: "publishing",
                table: "PostDeliveries",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Images",
                schema: "publishing",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Type = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    Bytes = table.Column<byte[]>(type: "bytea", nullable: false),
                    Width = table.Column<int>(type: "integer", nullable: false),
                    Height = table.Column<int>(type: "integer", nullable: false),
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    UploadedBy = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    UploadedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Images", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "PostVersions",
                schema: "publishing",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    PostId = table.Column<Guid>(type: "uuid", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Who = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    Text = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PostVersions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "WorkingCopies",
                schema: "publishing",
                columns: table => new
                {
                    PostId = table.Column<Guid>(type: "uuid", nullable: false),
                    Editor = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    Text = table.Column<string>(type: "text", nullable: false),
                    BaseChange = table.Column<int>(type: "integer", nullable: false),
                    SavedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WorkingCopies", x => new { x.PostId, x.Editor });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Images_Hash",
                schema: "publishing",
                table: "Images",
                column: "Hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_PostVersions_PostId_Id",
                schema: "publishing",
                table: "PostVersions",
                columns: new[] { "PostId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkingCopies_Editor_SavedAt",
                schema: "publishing",
                table: "WorkingCopies",
                columns: new[] { "Editor", "SavedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkingCopies_SavedAt",
                schema: "publishing",
                table: "WorkingCopies",
                column: "SavedAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Images",
                schema: "publishing");

            migrationBuilder.DropTable(
                name: "PostVersions",
                schema: "publishing");

            migrationBuilder.DropTable(
                name: "WorkingCopies",
                schema: "publishing");

            migrationBuilder.DropColumn(
                name: "ApprovedBy",
                schema: "publishing",
                table: "Posts");

            migrationBuilder.DropColumn(
                name: "Asked",
                schema: "publishing",
                table: "Posts");

            migrationBuilder.DropColumn(
                name: "Zone",
                schema: "publishing",
                table: "Posts");

            migrationBuilder.DropColumn(
                name: "FirstAt",
                schema: "publishing",
                table: "PostDeliveries");
        }
    }
}
