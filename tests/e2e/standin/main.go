// A program that keeps the contract of an AIM container and has no model in it: it answers with a digest of its weights.
//
//	standin                         serves on port 8000
//	standin dry-run --format=json   prints the profile it would take
//	standin pause                   waits to be ended, for the sandbox of a pod
//
// STANDIN_CRASH=TEXT ends it with 1 and that text. STANDIN_EAT=MIB takes so much memory. STANDIN_STREAM=SECONDS is how long a
// streamed answer takes, 10 where nothing is said.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	steps        = 20
	longestEnd   = 5 * time.Minute
	defaultCache = "/workspace/model-cache"
)

func main() {
	ended, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	arguments := strings.Join(os.Args[1:], " ")
	switch arguments {
	case "pause":
		<-ended.Done()
		return
	case "dry-run --format=json":
		dryRun()
		return
	case "":
	default:
		fail("there is no command " + arguments)
	}
	model, err := modelID()
	if err != nil {
		fail(err.Error())
	}
	if text := os.Getenv("STANDIN_CRASH"); text != "" {
		fail(text)
	}
	if mebibytes := number("STANDIN_EAT", 0); mebibytes > 0 {
		go eat(mebibytes)
	}
	serve(ended, model)
}

func fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(1)
}

func number(name string, otherwise int) int {
	if value, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return value
	}
	return otherwise
}

// modelID is the value of the one variable of the two that is not empty.
func modelID() (string, error) {
	image, custom := os.Getenv("AIM_ID"), os.Getenv("AIM_MODEL_ID")
	if (image == "") == (custom == "") {
		return "", fmt.Errorf("set exactly one of AIM_ID and AIM_MODEL_ID, not %q and %q", image, custom)
	}
	return image + custom, nil
}

// dryRun prints one profile with one model, as an image does that is asked what it would load.
func dryRun() {
	profile := map[string]any{"gpu": os.Getenv("AIM_GPU_MODEL"), "gpu_count": os.Getenv("AIM_GPU_COUNT")}
	model := map[string]any{"name": os.Getenv("AIM_ID"), "source": "hf://" + os.Getenv("AIM_ID"), "size_gb": 1}
	found := map[string]any{"profile": map[string]any{"metadata": profile}, "models": []any{model}}
	if err := json.NewEncoder(os.Stdout).Encode([]any{found}); err != nil {
		fail(err.Error())
	}
}

func eat(mebibytes int) {
	taken := make([][]byte, 0, mebibytes)
	for range mebibytes {
		piece := make([]byte, 1<<20)
		for place := range piece {
			piece[place] = 1
		}
		taken = append(taken, piece)
		time.Sleep(5 * time.Millisecond)
	}
	fmt.Println("took", len(taken), "MiB")
}

// weights is a digest over names and contents of the files of a model, and "none" where it has no folder.
func weights(model string) (string, error) {
	cache := os.Getenv("AIM_CACHE_PATH")
	if cache == "" {
		cache = defaultCache
	}
	root, sum := filepath.Join(cache, model), sha256.New()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		name, _ := filepath.Rel(root, path)
		fmt.Fprintln(sum, name)
		_, err = io.Copy(sum, file)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return "none", nil
	}
	return fmt.Sprintf("sha256:%x", sum.Sum(nil)), err
}

type server struct {
	model, pod string
	stream     time.Duration
}

// serve answers until it is told to end; then it takes nothing new, and ends what it has begun.
func serve(ended context.Context, model string) {
	pod, _ := os.Hostname()
	one := server{model: model, pod: pod, stream: time.Duration(number("STANDIN_STREAM", 10)) * time.Second}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /health", func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprintln(answer, "ok") })
	routes.HandleFunc("GET /v1/models", one.models)
	routes.HandleFunc("POST /v1/chat/completions", one.complete)
	listening := &http.Server{Addr: ":8000", Handler: routes, ReadHeaderTimeout: time.Minute}
	stopped := make(chan error, 1)
	go func() {
		<-ended.Done()
		fmt.Println("told to end")
		waiting, cancel := context.WithTimeout(context.Background(), longestEnd)
		defer cancel()
		stopped <- listening.Shutdown(waiting)
	}()
	fmt.Println("serving", model)
	if err := listening.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		fail(err.Error())
	}
	if err := <-stopped; err != nil {
		fail(err.Error())
	}
}

func (one server) models(answer http.ResponseWriter, _ *http.Request) {
	listed := []any{map[string]any{"id": one.model, "object": "model"}}
	one.write(answer, map[string]any{"object": "list", "data": listed})
}

func (one server) write(answer http.ResponseWriter, body any) {
	answer.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(answer).Encode(body); err != nil {
		fmt.Fprintln(os.Stderr, "not sent:", err)
	}
}

func (one server) complete(answer http.ResponseWriter, request *http.Request) {
	var asked struct {
		Stream bool `json:"stream"`
	}
	if err := json.NewDecoder(io.LimitReader(request.Body, 1<<20)).Decode(&asked); err != nil {
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	digest, err := weights(one.model)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
		return
	}
	if asked.Stream {
		one.streamed(answer)
		return
	}
	message := map[string]any{"role": "assistant", "content": "weights: " + digest}
	choices := []any{map[string]any{"index": 0, "message": message, "finish_reason": "stop"}}
	one.write(answer, map[string]any{"object": "chat.completion", "model": one.model, "choices": choices})
}

// streamed sends events for a while, and a last word by which the caller knows that nothing is missing.
func (one server) streamed(answer http.ResponseWriter) {
	answer.Header().Set("Content-Type", "text/event-stream")
	flusher := http.NewResponseController(answer)
	for step := range steps {
		if _, err := fmt.Fprintf(answer, "data: {\"pod\": %q, \"step\": %d}\n\n", one.pod, step); err != nil {
			return
		}
		_ = flusher.Flush()
		time.Sleep(one.stream / steps)
	}
	fmt.Fprint(answer, "data: [DONE]\n\n")
}
