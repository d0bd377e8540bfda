// Writes what zlint says of certificates, for CERTSWEEP_ZLINT_RUN of test_zlint.c: lint, file, verdict; file by file. In an empty folder:
//
//	go mod init zlint_run && go get github.com/zmap/zlint/v3 && cp .../zlint_run.go . && go run . $PWD/*.pem > run.tsv
package main

import (
	"encoding/pem"
	"fmt"
	"os"
	"sort"

	"github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"
)

func main() {
	for _, path := range os.Args[1:] {
		bytes, err := os.ReadFile(path)
		block, _ := pem.Decode(bytes)
		if err != nil || block == nil {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			continue
		}
		lines := []string{}
		for name, result := range zlint.LintCertificate(cert).Results {
			if result.Status != lint.NA {
				lines = append(lines, fmt.Sprintf("%s\t%s\t%s\n", name, path, result.Status))
			}
		}
		sort.Strings(lines)
		for _, line := range lines {
			fmt.Print(line)
		}
	}
}
