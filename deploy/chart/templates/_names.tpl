{{- define "aimcore.labels" -}}
app.kubernetes.io/name: aim-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "aimcore.selector" -}}
app.kubernetes.io/name: aim-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "aimcore.image" -}}
{{ .Values.image.repository }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end -}}

{{- define "aimcore.subject" -}}
subjects:
  - kind: ServiceAccount
    name: aim-operator
    namespace: {{ .Release.Namespace }}
{{- end -}}

{{/* What may be done in a namespace. */}}
{{- define "aimcore.rules" -}}
{{ .Files.Get "rules/namespace.yaml" }}
{{- if .Values.workloads.enabled }}
{{ .Files.Get "rules/workloads.yaml" }}
{{- if .Values.workloads.logs }}
{{ .Files.Get "rules/logs.yaml" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "aimcore.user" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "aimcore.unprivileged" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
